{{/*
Whether there is to be a CappConfig: "" no; "served" yes; "later": yes, but the cluster does not serve the kind yet. Helm looks up
every kind of a release before it creates the first object, and so cannot make one together with its CRD. No hook makes it after the
others: Helm deletes a hook's object before it makes it anew, and at each upgrade there would be no limits for a moment.
*/}}
{{- define "capp.cappConfig" -}}
{{- $values := include "capp.values" . | fromYaml -}}
{{- if and $values.config.enabled (include "capp.cappConfigSpec" $values | fromYaml) -}}
{{- .Capabilities.APIVersions.Has "rcs.dana.io/v1alpha1/CappConfig" | ternary "served" "later" -}}
{{- end -}}
{{- end -}}

{{/* The spec, without what is not set. A pattern that is a string is one without an explanation. Takes the values in force. */}}
{{- define "capp.cappConfigSpec" -}}
{{- $spec := dict -}}
{{- range $key, $value := omit .config "enabled" "required" "config" -}}
  {{- if eq $key "dnsConfig" -}}
    {{- $value = omit $value "issuer" -}}
  {{- else if eq $key "allowedHostnamePatterns" -}}
    {{- $patterns := list -}}
    {{- range $value -}}{{- $patterns = append $patterns (kindIs "string" . | ternary (dict "match" .) .) -}}{{- end -}}
    {{- $value = $patterns -}}
  {{- else if eq $key "autoscaleConfig" -}}
    {{- $numbers := dict -}}
    {{- range $name, $number := $value -}}{{- $_ := set $numbers $name (int64 $number) -}}{{- end -}}
    {{- $value = $numbers -}}
  {{- end -}}
  {{- if not (empty $value) -}}{{- $_ := set $spec $key $value -}}{{- end -}}
{{- end -}}
{{- toYaml $spec -}}
{{- end -}}
