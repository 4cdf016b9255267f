{{/*
What an endpoint of a ServiceMonitor says of secured metrics. The token is that of a Secret, or Prometheus' own, from a file, which not every
Prometheus may read (OpenShift's for user workloads may not). Takes the values in force and `fullname` and `namespace`.
*/}}
{{- define "capp.securedEndpoint" -}}
{{- $monitor := .values.serviceMonitor -}}
{{- $skip := $monitor.tls.insecureSkipVerify -}}
{{- $ca := $monitor.tls.ca -}}
{{- if eq (toString $skip) "auto" -}}
  {{- if and (eq .values.webhook.mode "cert-manager") (not $ca) (not $monitor.tls.caFile) -}}
    {{- $ca = dict "secret" (dict "name" "metrics-server-cert" "key" "ca.crt") -}}
  {{- end -}}
  {{- $skip = not (or $ca $monitor.tls.caFile) -}}
{{- end -}}
scheme: https
{{- if $monitor.credentials }}
authorization:
  credentials: {{- toYaml $monitor.credentials | nindent 4 }}
{{- else }}
bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
{{- end }}
tlsConfig:
  serverName: {{ .fullname }}-metrics-service.{{ .namespace }}.svc
  insecureSkipVerify: {{ $skip }}
  {{- with $ca }}
  ca: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $monitor.tls.caFile }}
  caFile: {{ . }}
  {{- end }}
{{- end -}}

{{/* The PrometheusRule; its alert on memory is about the limit of this release, and is not there without one. Takes {root: $, values}. */}}
{{- define "capp.alerts" -}}
{{- $rule := include "capp.objects" (merge (dict "files" "files/monitoring/*.yaml") .) | fromYaml -}}
{{- $_ := mergeOverwrite $rule.metadata.labels .values.prometheusRule.labels -}}
{{- $limit := get (.values.manager.resources.limits | default dict) "memory" -}}
{{- range $group := $rule.spec.groups -}}
  {{- $alerts := list -}}
  {{- range $alert := $group.rules -}}
    {{- if eq $alert.alert "CappOperatorMemoryHigh" -}}
      {{- if not $limit -}}{{- continue -}}{{- end -}}
      {{- $_ := set $alert "expr" (regexReplaceAll "[0-9]+$" $alert.expr (include "capp.bytes" $limit | float64 | mulf 0.8 | int64 | toString)) -}}
      {{- $_ := set $alert.annotations "summary" (replace "128 Mi" (toString $limit) $alert.annotations.summary) -}}
    {{- end -}}
    {{- $alerts = append $alerts $alert -}}
  {{- end -}}
  {{- $_ := set $group "rules" $alerts -}}
{{- end -}}
{{- toYaml $rule -}}
{{- end -}}

{{/* Bytes of a quantity such as 128Mi, 1.5G or a number. */}}
{{- define "capp.bytes" -}}
{{- if kindIs "string" . -}}
  {{- $bytes := regexFind "^[0-9.]+" . | float64 -}}
  {{- $base := hasSuffix "i" . | ternary 1024 1000 -}}
  {{- range until (index (dict "k" 1 "K" 1 "M" 2 "G" 3 "T" 4 "P" 5 "E" 6) (regexFind "[A-Za-z]" .) | default 0 | int) -}}
    {{- $bytes = mulf $bytes $base -}}
  {{- end -}}
  {{- printf "%.0f" $bytes -}}
{{- else -}}
  {{- printf "%.0f" (float64 .) -}}
{{- end -}}
{{- end -}}
