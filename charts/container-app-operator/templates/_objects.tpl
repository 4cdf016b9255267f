{{/*
Objects of config/, as files/ holds them (tools/chart/sync), with the names and labels of this release instead of those that
kustomize gives. Takes {root: $, files: a pattern, values: those in force}.
*/}}
{{- define "capp.objects" -}}
{{- range $path, $_ := .root.Files.Glob .files -}}
{{- range $document := regexSplit "(?m)^---\\s*$" (include "capp.withNames" (dict "root" $.root "text" ($.root.Files.Get $path) "values" $.values)) -1 -}}
{{- $object := fromYaml $document -}}
{{- if $object }}
---
{{ include "capp.object" (dict "root" $.root "object" $object "values" $.values) }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
The text with the names in it that kustomize leaves alone: inside expressions, resourceNames and selectors of namespaces. In one pass,
since a name of the release may contain one that kustomize gives.
*/}}
{{- define "capp.withNames" -}}
{{- $names := include "capp.names" . | fromJson -}}
{{- $patterns := list -}}
{{- /* Of two names, one the beginning of the other, the longer one is tried first. */ -}}
{{- range keys $names | sortAlpha | reverse -}}{{- $patterns = append $patterns (regexQuoteMeta .) -}}{{- end -}}
{{- $pattern := join "|" $patterns -}}
{{- $found := regexFindAll $pattern .text -1 -}}
{{- range $index, $between := regexSplit $pattern .text -1 -}}
  {{- $between -}}
  {{- if lt $index (len $found) -}}{{- get $names (index $found $index) -}}{{- end -}}
{{- end -}}
{{- end -}}

{{/* Name in this release by the name that kustomize gives, as JSON. Takes {root: $, values: those in force}. */}}
{{- define "capp.names" -}}
{{- $fullname := include "capp.fullname" .root -}}
{{- toJson (dict
  "'cluster.local'" (printf "'%s'" .values.kubernetesClusterDomain)
  "capp-operator-controller-manager-metrics-service" (printf "%s-metrics-service" $fullname)
  "capp-operator-controller-manager" (include "capp.serviceAccountName" .root)
  "capp-operator-system" .root.Release.Namespace
  "capp-operator-mutating-webhook-configuration" (printf "%s-mutating-webhook-configuration" $fullname)
  "capp-operator-validating-webhook-configuration" (printf "%s-validating-webhook-configuration" $fullname)) -}}
{{- end -}}

{{- define "capp.object" -}}
{{- $fullname := include "capp.fullname" .root -}}
{{- $object := .object -}}
{{- $metadata := $object.metadata -}}
{{- if eq $object.kind "ServiceAccount" -}}
  {{- $_ := set $metadata "name" (include "capp.serviceAccountName" .root) -}}
  {{- $_ := set $metadata "annotations" .values.serviceAccount.annotations -}}
{{- else if ne $object.kind "CustomResourceDefinition" -}}
  {{- $_ := set $metadata "name" (printf "%s-%s" $fullname (trimPrefix "capp-operator-" $metadata.name)) -}}
{{- end -}}
{{- if eq ($metadata.namespace | default "") "system" -}}{{- $_ := set $metadata "namespace" .root.Release.Namespace -}}{{- end -}}
{{- $_ := set $metadata "labels" (mergeOverwrite ($metadata.labels | default dict) (include "capp.labels" .root | fromYaml)) -}}
{{- with $object.roleRef -}}{{- $_ := set . "name" (printf "%s-%s" $fullname (trimPrefix "capp-operator-" .name)) -}}{{- end -}}
{{- range $object.subjects -}}
  {{- $_ := set . "name" (include "capp.serviceAccountName" $.root) -}}
  {{- $_ := set . "namespace" $.root.Release.Namespace -}}
{{- end -}}
{{- range $object.webhooks -}}
  {{- $service := .clientConfig.service -}}
  {{- $_ := set $service "name" (printf "%s-%s" $fullname $service.name) -}}
  {{- $_ := set $service "namespace" $.root.Release.Namespace -}}
{{- end -}}
{{- with $object.spec -}}
  {{- if hasKey . "policyName" -}}{{- $_ := set . "policyName" (printf "%s-%s" $fullname .policyName) -}}{{- end -}}
  {{- with .paramRef -}}{{- $_ := set . "namespace" $.root.Release.Namespace -}}{{- end -}}
  {{- if hasKey . "podSelector" -}}{{- $_ := set . "podSelector" (dict "matchLabels" (include "capp.selectorLabels" $.root | fromYaml)) -}}{{- end -}}
  {{- if eq $object.kind "Service" -}}{{- $_ := set . "selector" (include "capp.selectorLabels" $.root | fromYaml) -}}{{- end -}}
{{- end -}}
{{- toYaml $object -}}
{{- end -}}
