#!/usr/bin/env bash
# Sourced: certificates and kubeconfigs in the folder of a control plane.
set -euo pipefail

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

# certificate NAME SUBJECT EXTENSIONS: NAME.key and NAME.crt, signed by the CA of this folder.
certificate() {
  new_key "$1.key"
  openssl req -new -key "$1.key" -subj "$2" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out "$1.crt" \
      -extfile <(printf '%s\n' "$3") 2>/dev/null
}

# user_certificate NAME USER: of system:masters, so that nobody needs roles here.
user_certificate() { certificate "$1" "/O=system:masters/CN=$2" extendedKeyUsage=clientAuth; }

# make_kubeconfig NAME: NAME.kubeconfig, with NAME's certificate.
make_kubeconfig() {
  write_kubeconfig "$1" "client-certificate-data: $(base64 -w0 "$1.crt")" \
    "client-key-data: $(base64 -w0 "$1.key")"
}

# token_kubeconfig NAME TOKEN: NAME.kubeconfig, with that bearer token.
token_kubeconfig() { write_kubeconfig "$1" "token: $2"; }

# write_kubeconfig NAME CREDENTIAL...: for the API server at $APISERVER_PORT. One self-contained file: it may
# be copied anywhere.
write_kubeconfig() {
  local name=$1
  shift
  cat >"$name.kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: control-plane
  cluster:
    server: https://127.0.0.1:$APISERVER_PORT
    certificate-authority-data: $(base64 -w0 ca.crt)
users:
- name: $name
  user:
$(printf '    %s\n' "$@")
contexts:
- name: control-plane
  context: {cluster: control-plane, user: $name}
current-context: control-plane
YAML
}
