{{/*
The values in force, as YAML: .Values with what is set under a name of the Go operator's charts moved to its name here
(files/go-chart-values.yaml). An old name that is set wins: the new one always has its default. Maps are merged.
*/}}
{{- define "capp.values" -}}
{{- $values := deepCopy .Values -}}
{{- range $old, $new := (.Files.Get "files/go-chart-values.yaml" | fromYaml).renamed -}}
  {{- $found := include "capp.valueAt" (dict "in" $values "path" $old) | fromYaml -}}
  {{- if hasKey $found "value" -}}
    {{- $owner := $values -}}
    {{- range initial (splitList "." $new) -}}
      {{- if not (kindIs "map" (index $owner .)) -}}{{- $_ := set $owner . dict -}}{{- end -}}
      {{- $owner = index $owner . -}}
    {{- end -}}
    {{- $key := last (splitList "." $new) -}}
    {{- if and (kindIs "map" $found.value) (kindIs "map" (index $owner $key)) -}}
      {{- $_ := set $owner $key (mergeOverwrite (index $owner $key) $found.value) -}}
    {{- else -}}
      {{- $_ := set $owner $key $found.value -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toYaml $values -}}
{{- end -}}

{{/* {value: what is at the path} as YAML, or nothing where it is not set or empty. Takes {in: map, path: a.b.c}. */}}
{{- define "capp.valueAt" -}}
{{- $found := .in -}}
{{- range splitList "." .path -}}
  {{- if kindIs "map" $found -}}{{- $found = index $found . -}}{{- else -}}{{- $found = "" -}}{{- end -}}
{{- end -}}
{{- if not (empty $found) -}}{{- dict "value" $found | toYaml -}}{{- end -}}
{{- end -}}

{{/* Stops with what is wrong with the values; what one value shows by itself is in values.schema.json. Takes the values in force. */}}
{{- define "capp.checkValues" -}}
{{- $names := dict "autoscaleConfig" (list "autoscale-defaults" "autoscale-default") "dnsConfig" (list "dns-config") -}}
{{- range $key, $allowed := $names -}}
  {{- $name := (index $.values $key).name -}}
  {{- if and $name (not (has $name $allowed)) -}}
    {{- fail (printf "%s.name is %q: the operator reads the ConfigMap %s only; leave the value out" $key $name (join " or " $allowed)) -}}
  {{- end -}}
{{- end -}}
{{- if has (int .values.metrics.port) (list 8081 9443) -}}
  {{- fail (printf "metrics.port is %v: that is the port of the %s" .values.metrics.port (eq (int .values.metrics.port) 8081 | ternary "probes" "webhooks")) -}}
{{- end -}}
{{- if and .values.serviceMonitor.enabled (not .values.metricsService.enabled) -}}
  {{- fail "serviceMonitor.enabled needs metricsService.enabled: Prometheus scrapes through that Service" -}}
{{- end -}}
{{- if and (not .values.metrics.enabled) .values.serviceMonitor.enabled -}}
  {{- fail "serviceMonitor.enabled needs metrics.enabled: there is nothing to scrape" -}}
{{- end -}}
{{- if and .values.serviceMonitor.tls.ca .values.serviceMonitor.tls.caFile -}}
  {{- fail "serviceMonitor.tls has both ca and caFile: a ServiceMonitor takes one of them" -}}
{{- end -}}
{{- if and (not .values.serviceAccount.create) (not .values.serviceAccount.name) -}}
  {{- fail "serviceAccount.create is false: serviceAccount.name must say which one to use" -}}
{{- end -}}
{{- end -}}
