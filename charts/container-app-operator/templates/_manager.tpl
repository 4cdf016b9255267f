{{/* The arguments that the values make, a JSON list. Takes {root: $, values: those in force}. */}}
{{- define "capp.ownArguments" -}}
{{- $values := .values -}}
{{- $fullname := include "capp.fullname" .root -}}
{{- $arguments := list
  "--leader-elect"
  (printf "--metrics-bind-address=%s" ($values.metrics.enabled | ternary (printf ":%v" $values.metrics.port) "0"))
  "--health-probe-bind-address=:8081" -}}
{{- range $flag, $value := $values.leaderElection -}}
  {{- $arguments = append $arguments (printf "--leader-elect-%s=%v" (kebabcase $flag) $value) -}}
{{- end -}}
{{- if $values.metrics.secure -}}{{- $arguments = append $arguments "--metrics-secure" -}}{{- end -}}
{{- with index (include "capp.certificates" $values | fromJson) "metrics-server-cert" -}}
  {{- $arguments = append $arguments (printf "--metrics-cert-path=%s" .) -}}
{{- end -}}
{{- if eq $values.webhook.mode "self-signed" -}}
  {{- $arguments = concat $arguments (list
    "--webhook-self-signed"
    "--webhook-secret-name=webhook-self-signed-cert"
    (printf "--webhook-service-name=%s-webhook-service" $fullname)
    (printf "--webhook-mutating-configuration=%s-mutating-webhook-configuration" $fullname)
    (printf "--webhook-validating-configuration=%s-validating-webhook-configuration" $fullname)) -}}
{{- end -}}
{{- toJson $arguments -}}
{{- end -}}

{{/* All arguments of the manager, a JSON list: its own, then those of manager.args that are not among them. Takes the same. */}}
{{- define "capp.arguments" -}}
{{- $own := include "capp.ownArguments" . | fromJsonArray -}}
{{- $reserved := include "capp.reservedFlags" . | fromYaml -}}
{{- $arguments := $own -}}
{{- range .values.manager.args -}}
  {{- $argument := printf "--%s" (regexReplaceAll "^--?" . "" | trimSuffix "=true") -}}
  {{- $instead := get $reserved (regexFind "[^-=][^=]*" $argument) -}}
  {{- if and $instead (not (has $argument $own)) -}}
    {{- fail (printf "manager.args: %s: must not be set here, since other objects of the release go by what the chart says; use %s" . $instead) -}}
  {{- else if not (has $argument $own) -}}
    {{- $arguments = append $arguments . -}}
  {{- end -}}
{{- end -}}
{{- toJson $arguments -}}
{{- end -}}

{{/* Flags that roles, Services, probes and mounts of the release go by, and what to use instead of them in manager.args. */}}
{{- define "capp.reservedFlags" -}}
namespace: helm's --namespace, for the whole release
kubeconfig: the cluster of the release
metrics-bind-address: metrics.enabled and metrics.port
metrics-secure: metrics.secure
{{- range list "path" "name" "key" }}
metrics-cert-{{ . }}: metrics.secure with webhook.mode=cert-manager
webhook-cert-{{ . }}: webhook.mode=cert-manager
{{- end }}
health-probe-bind-address: port 8081
leader-elect: replicaCount, since one of the replicas always leads
leader-elect-lease-duration: leaderElection.leaseDuration
leader-elect-renew-deadline: leaderElection.renewDeadline
leader-elect-retry-period: leaderElection.retryPeriod
webhook-port: port 9443, to which the webhook's Service leads
webhook-self-signed: webhook.mode
webhook-secret-name: webhook.mode=self-signed, whose Role names the Secret
webhook-service-name: fullnameOverride
webhook-mutating-configuration: fullnameOverride
webhook-validating-configuration: fullnameOverride
{{- end -}}

{{/* "yes" or "": whether a setting of `openshift` is on. Takes {root: $, setting: auto, force or disabled, api: what auto asks for}. */}}
{{- define "capp.onOpenShift" -}}
{{- if or (eq .setting "force") (and (eq .setting "auto") (.root.Capabilities.APIVersions.Has .api)) -}}
yes
{{- end -}}
{{- end -}}

{{/* A security context; on OpenShift without what its security context constraints choose for each namespace. Takes {root, values, context}. */}}
{{- define "capp.securityContext" -}}
{{- $context := .context -}}
{{- if include "capp.onOpenShift" (dict "root" .root "setting" .values.openshift.adaptSecurityContext "api" "security.openshift.io/v1") -}}
  {{- $context = omit $context "runAsUser" "runAsGroup" "fsGroup" -}}
{{- end -}}
{{- toYaml $context -}}
{{- end -}}

{{- define "capp.image" -}}
{{- $image := .values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* Volumes with certificates that cert-manager makes: path in the container by name of the Secret, as JSON. */}}
{{- define "capp.certificates" -}}
{{- $certificates := dict -}}
{{- if eq .webhook.mode "cert-manager" -}}
  {{- $_ := set $certificates "webhook-server-cert" "/tmp/k8s-webhook-server/serving-certs" -}}
  {{- if .metrics.secure -}}
    {{- $_ := set $certificates "metrics-server-cert" "/tmp/k8s-metrics-server/metrics-certs" -}}
  {{- end -}}
{{- end -}}
{{- toJson $certificates -}}
{{- end -}}
