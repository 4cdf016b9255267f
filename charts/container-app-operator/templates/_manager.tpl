{{/* The arguments of the manager, a JSON list: those that the values make, then manager.args. Takes {root: $, values: those in force}. */}}
{{- define "capp.arguments" -}}
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
{{- $own := dict -}}
{{- range $arguments -}}{{- $_ := set $own (first (splitList "=" (trimAll "-" .))) . -}}{{- end -}}
{{- range $argument := $values.manager.args -}}
  {{- $flag := first (splitList "=" (trimPrefix "-" (trimPrefix "-" $argument))) -}}
  {{- if not (hasKey $own $flag) -}}
    {{- $arguments = append $arguments $argument -}}
  {{- else if ne (trimPrefix "-" (trimPrefix "-" $argument)) (trimPrefix "--" (index $own $flag)) -}}
    {{- fail (printf "manager.args: %s: the chart itself says %s, and its ports, Services and probes depend on it; use metrics.*, webhook.* or leaderElection.*" $argument (index $own $flag)) -}}
  {{- end -}}
{{- end -}}
{{- toJson $arguments -}}
{{- end -}}

{{/* "yes" or "": whether a setting of `openshift`, auto, force or disabled, is on. Takes {root: $, setting: it}. */}}
{{- define "capp.onOpenShift" -}}
{{- if or (eq .setting "force") (and (eq .setting "auto") (.root.Capabilities.APIVersions.Has "security.openshift.io/v1")) -}}
yes
{{- end -}}
{{- end -}}

{{/* A security context; on OpenShift without what its security context constraints choose for each namespace. Takes {root, values, context}. */}}
{{- define "capp.securityContext" -}}
{{- $context := .context -}}
{{- if include "capp.onOpenShift" (dict "root" .root "setting" .values.openshift.adaptSecurityContext) -}}
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
