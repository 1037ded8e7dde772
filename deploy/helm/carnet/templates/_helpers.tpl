{{- define "carnet.labels" -}}
app.kubernetes.io/name: carnet
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "carnet.section" -}}
{{- if eq . "atna-audit" }}atnaAudit{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{/* carnet.json: what the chart knows, under what the values say. */}}
{{- define "carnet.config" -}}
{{- $release := .Release.Name -}}
{{- $made := dict -}}
{{- range $name, $service := .Values.services -}}
{{- $data := printf "/var/lib/carnet/%s" $name -}}
{{- $certs := printf "/etc/carnet/certs/%s" $name -}}
{{- $section := dict
  "listen" (dict "host" "0.0.0.0" "port" (int $service.port) "publicName" $service.publicName)
  "health" (dict "host" "0.0.0.0" "port" (int $service.healthPort))
  "tls" (dict "key" (printf "%s/tls.key" $certs) "cert" (printf "%s/tls.crt" $certs) "ca" (printf "%s/ca.crt" $certs) "partners" (printf "%s/partners.pem" $certs) "crl" (printf "%s/crl.pem" $certs))
  "database" (printf "%s/%s.sqlite" $data $name)
  "folder" $data -}}
{{- $_ := set $made (include "carnet.section" $name) $section -}}
{{- end -}}
{{- $audit := dict "host" (printf "%s-atna-audit" $release) "port" (int (index .Values.services "atna-audit" "syslogPort")) -}}
{{- $registry := index .Values.services "registry" -}}
{{- $_ := set $made.registry "audit" $audit -}}
{{- $_ := set $made.registry "mllp" (dict "tls" (dict "host" "0.0.0.0" "port" (int $registry.mllpPort))) -}}
{{- $_ := set $made.repository "audit" $audit -}}
{{- $_ := set $made.repository "documents" "/var/lib/carnet/repository/documents" -}}
{{- $_ := set $made.repository "registry" (dict "url" (printf "https://%s-registry:%d/registry" $release (int $registry.port))) -}}
{{- $_ := set $made.atnaAudit "syslog" (dict "host" "0.0.0.0" "port" (int (index .Values.services "atna-audit" "syslogPort"))) -}}
{{- $audits := index .Values.services "atna-audit" -}}
{{- if $audits.pagesPort -}}
{{- $_ := set $made.atnaAudit "pages" (dict "listen" (dict "host" "0.0.0.0" "port" (int $audits.pagesPort) "publicName" $audits.publicName)) -}}
{{- end -}}
{{- mergeOverwrite $made (deepCopy .Values.config) | toPrettyJson -}}
{{- end -}}
