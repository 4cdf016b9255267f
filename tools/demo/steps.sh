#!/usr/bin/env bash
# Sourced by tools/demo/demo: what it shows, and that it is as it says.
# shellcheck disable=SC2154  # dir: of the control plane and the operator's log
set -euo pipefail

samples=config/samples
# The one with everything, on which most is shown.
capp='capp-full'
domain=apps.example.com

if [[ -t 1 ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi

step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '%s%s%s\n' "$dim" "$*" "$plain"; }

# Shows a command as one would type it, and runs it.
show() {
  local words='' word
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_./,:=-]+$ ]] || word="'$word'"
    words+=" $word"
  done
  printf '%s$%s%s\n' "$bold" "$words" "$plain"
  "$@"
}

quietly() { "$@" >/dev/null; }

# --- what is so -------------------------------------------------------------------------------

# eventually WHAT COMMAND...: until the command succeeds; ends the demo after 15 s.
eventually() {
  local what=$1 deadline=$((SECONDS + 15))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || fail "$what"
    sleep 0.1
  done
}

# must WHAT COMMAND...: at once.
must() {
  local what=$1
  shift
  "$@" || fail "$what"
}

fail() {
  echo "NOT AS IT SHOULD BE: $1"
  kubectl get capp "$capp" --ignore-not-found --output "$conditions_table"
  exit 1
}

field() { kubectl get "$1" "$2" --output "jsonpath=$3"; }
condition() { field capp "$1" "{.status.conditions[?(@.type==\"$2\")].$3}"; }

# A command that fails says nothing: neither that something is there, nor that it is gone.
is() {
  local said
  said=$("${@:2}") && [[ $said == "$1" ]]
}
contains() {
  local said
  said=$("${@:2}") && [[ $said == *"$1"* ]]
}
lacks() {
  local said
  said=$("${@:2}") && [[ $said != *"$1"* ]]
}
names() { kubectl get "$@" --ignore-not-found --output name; }
exists() { contains / names "$@"; }
gone() { is '' names "$@"; }

# The status tells of the Capp as it is.
up_to_date() { is "$(field capp "$1" '{.metadata.generation}')" field capp "$1" '{.status.observedGeneration}'; }

# As the other projects' controllers would, it goes on until there is nothing more to do.
ready_when_played() {
  quietly tools/demo/others.py ready "$capp"
  up_to_date "$capp" && is True condition "$capp" Ready status
}

set_image() {
  show kubectl patch capp "$capp" --type json --patch \
    "[{\"op\": \"replace\", \"path\": \"/spec/configurationSpec/template/spec/containers/0/image\", \"value\": \"$1\"}]"
}

addresses=domainmapping,cnamerecord.record.dns-v2.m.crossplane.io,certificate
children=ksvc,$addresses,syslogngflow,syslogngoutput,nfspvc,pingsource,kafkasource

conditions_table='go-template={{range .status.conditions}}{{printf "%-20s %-6s %-23s %s\n" .type .status .reason .message}}{{end}}'

# --- the show ---------------------------------------------------------------------------------

show_samples() {
  step "Applying the configuration and the samples"
  show kubectl apply --kustomize "$samples/configuration"
  show kubectl apply --kustomize "$samples"
  eventually "every Capp has conditions" \
    lacks '<none>' kubectl get capp --output 'custom-columns=REASONS:.status.conditions[*].reason'
  note "Nothing answers for the children yet, so no Capp is ready, and each says what it waits for first:"
  show kubectl get capp
  must "no Capp is ready before its children are" \
    is '' kubectl get capp --output 'jsonpath={.items[?(@.status.conditions[0].status=="True")].metadata.name}'
}

show_tree() {
  step "What becomes of a Capp with a hostname, TLS, logs, a volume and event sources"
  note "played: Knative, cert-manager, the DNS provider, the logging operator and nfspvc-operator do their part"
  quietly tools/demo/others.py ready
  eventually "the DomainMapping has its TLS Secret" \
    is "$capp.$domain-tls" field domainmapping "$capp.$domain" '{.spec.tls.secretName}'
  eventually "$capp is ready" ready_when_played
  show tools/demo/tree.py "$capp"
  show kubectl get capp
}

show_conditions() {
  step "What a Capp says of itself: a summary, and one condition a concern"
  show kubectl get capp "$capp" --output "$conditions_table"
  must "all conditions are True" is '' \
    kubectl get capp "$capp" --output 'jsonpath={.status.conditions[?(@.status!="True")].type}'
  show kubectl get events.events.k8s.io --field-selector "regarding.name=$capp" \
    --output custom-columns=TYPE:.type,REASON:.reason,NOTE:.note
}

show_one_change() {
  local mark
  step "One change: a new image"
  mark=$(stat --format %s "$dir/control-plane/audit.log")
  set_image ghcr.io/dana-team/capp-gin-app:v0.2.1
  eventually "the status tells of the new image" up_to_date "$capp"
  note "what the operator wrote for it, by kube-apiserver's audit log:"
  show tools/demo/writes.py "$dir/control-plane/audit.log" "$mark" "$capp" | tee "$dir/writes"
  must "one write of the Service" is 1 grep --count '^patch *services' "$dir/writes"
  must "one CappRevision" is 1 grep --count '^create *capprevisions' "$dir/writes"
  must "no write of another child" is 3 grep --count --extended-regexp '^(patch|create) ' "$dir/writes"
  note "played: the new Revision becomes ready"
  eventually "$capp is ready" ready_when_played
}

show_failing_image() {
  step "An image that does not exist"
  set_image ghcr.io/dana-team/capp-gin-app:v9.9.9
  eventually "the status tells of the new image" up_to_date "$capp"
  note "played: Knative's new Revision, and its pod, whose image cannot be pulled"
  quietly tools/demo/others.py failing-pull "$capp"
  eventually "the condition has the cause" contains 'cannot be pulled' condition "$capp" KnativeServiceReady message
  show kubectl get capp "$capp"
  show kubectl get capp "$capp" --output 'jsonpath={.status.conditions[?(@.type=="KnativeServiceReady")].message}{"\n"}'
  must "the condition says who serves" \
    contains "users are served by revision $capp-00002" condition "$capp" KnativeServiceReady message
  note "the image before it, again; played: its Revision becomes ready"
  set_image ghcr.io/dana-team/capp-gin-app:v0.2.1
  eventually "the status tells of the old image" up_to_date "$capp"
  eventually "$capp is ready" ready_when_played
}

waits_for_record_when_played() {
  quietly tools/demo/others.py ready "$capp" CNAMERecord
  is DNSRecordNotReady condition "$capp" Ready reason
}

show_new_hostname() {
  step "Another hostname: the old one serves until the new one does"
  show kubectl patch capp "$capp" --type merge --patch '{"spec":{"routeSpec":{"hostname":"shop"}}}'
  eventually "the new record is there" exists cnamerecord.record.dns-v2.m.crossplane.io "shop.$domain"
  note "played: all but the new record is ready"
  eventually "$capp waits for the record alone" waits_for_record_when_played
  show kubectl get "$addresses" --selector "rcs.dana.io/parent-capp=$capp"
  must "the old address is there" exists domainmapping "$capp.$domain"
  note "played: the new record is ready"
  quietly tools/demo/others.py ready "$capp"
  eventually "the old address is gone" gone "$addresses" "$capp.$domain"
  eventually "its TLS Secret is gone" gone secret "$capp.$domain-tls"
  eventually "$capp is ready" ready_when_played
  show kubectl get "$addresses" --selector "rcs.dana.io/parent-capp=$capp"
}

image() { field ksvc "$capp" '{.spec.template.spec.containers[0].image}'; }

show_repair() {
  local before start
  step "Editing the Knative Service by hand: the operator puts it back"
  before=$(image)
  show kubectl patch ksvc "$capp" --field-manager somebody --type json --patch \
    '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "example.com/not/wanted:v1"}]'
  start=${EPOCHREALTIME/./}
  eventually "the Service is as it was" is "$before" image
  note "back within $(((${EPOCHREALTIME/./} - start) / 1000)) ms, as kubectl sees it: $before"
}

show_configuration() {
  local annotation='{.spec.template.metadata.annotations.autoscaling\.knative\.dev/target}'
  local target=(kubectl get ksvc capp-sample --output "jsonpath=$annotation{\"\\n\"}")
  step "The configuration changes: a CappConfig takes the place of the ConfigMaps"
  show "${target[@]}"
  show kubectl apply --filename "$samples/configuration/capp_config.yaml"
  eventually "the Services follow" is 20 "${target[@]}"
  show "${target[@]}"
}

show_disabled() {
  step "Switching it off: no Service, and nothing else is lost"
  show kubectl patch capp "$capp" --type merge --patch '{"spec":{"state":"disabled"}}'
  eventually "the Service is gone" gone ksvc "$capp"
  eventually "the Capp says so" is Disabled condition "$capp" Ready reason
  eventually "Kubernetes has collected the Service's Revisions" gone revision --selector "serving.knative.dev/service=$capp"
  show kubectl get capp "$capp"
  show tools/demo/tree.py "$capp"
}

show_deletion() {
  step "Deleting all: what was made for them goes too"
  show kubectl delete capp --all
  eventually "no child is left" gone "$children"
  eventually "no CappRevision is left" gone capprevision
  eventually "no TLS Secret is left" lacks -tls names secret
  show kubectl get "capp,capprevision,$children,secret"
  note "The Secrets are the samples' own."
}
