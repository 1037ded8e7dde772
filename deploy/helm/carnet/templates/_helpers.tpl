{{- define "carnet.labels" -}}
app.kubernetes.io/name: carnet
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "carnet.section" -}}
{{- if eq . "atna-audit" }}atnaAudit{{ else if eq . "patient-index" }}patientIndex{{ else }}{{ . }}{{ end -}}
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
{{- $registryUrl := printf "https://%s-registry:%d/registry" $release (int $registry.port) -}}
{{- $_ := set $made.registry "audit" $audit -}}
{{- $_ := set $made.registry "mllp" (dict "tls" (dict "host" "0.0.0.0" "port" (int $registry.mllpPort))) -}}
{{- $_ := set $made.repository "audit" $audit -}}
{{- $_ := set $made.repository "documents" "/var/lib/carnet/repository/documents" -}}
{{- $_ := set $made.repository "registry" (dict "url" $registryUrl) -}}
{{- $_ := set $made.atnaAudit "syslog" (dict "host" "0.0.0.0" "port" (int (index .Values.services "atna-audit" "syslogPort"))) -}}
{{- $own := deepCopy .Values.config -}}
{{- range $name := list "patient-index" "gateway" -}}
{{- $section := include "carnet.section" $name -}}
{{- if index $.Values.services $name "enabled" -}}
{{- $_ := set (index $made $section) "audit" $audit -}}
{{- else -}}
{{- $_ := unset $made $section -}}
{{- $_ := unset $own $section -}}
{{- end -}}
{{- end -}}
{{- if $made.patientIndex -}}
{{- $_ := set $made.patientIndex "mllp" (dict "tls" (dict "host" "0.0.0.0" "port" (int (index .Values.services "patient-index" "mllpPort")))) -}}
{{- $_ := set $made.patientIndex "registries" (list (dict "name" "registry" "url" $registryUrl)) -}}
{{- end -}}
{{- if $made.gateway -}}
{{- $repositoryUrl := printf "https://%s-repository:%d/repository" $release (int (index .Values.services "repository" "port")) -}}
{{- $_ := set $made.gateway "registries" (list (dict "url" $registryUrl)) -}}
{{- $_ := set $made.gateway "repositories" (list (dict "url" $repositoryUrl "repositoryUniqueId" (dig "repository" "repositoryUniqueId" "" $own))) -}}
{{- if $made.patientIndex -}}
{{- $_ := set $made.gateway "patientIndex" (dict "url" (printf "https://%s-patient-index:%d/patient-index" $release (int (index .Values.services "patient-index" "port")))) -}}
{{- end -}}
{{- end -}}
{{- $audits := index .Values.services "atna-audit" -}}
{{- if $audits.pagesPort -}}
{{- $_ := set $made.atnaAudit "pages" (dict "listen" (dict "host" "0.0.0.0" "port" (int $audits.pagesPort) "publicName" $audits.publicName)) -}}
{{- else if $own.atnaAudit -}}
{{- $_ := unset $own.atnaAudit "pages" -}}
{{- end -}}
{{- mergeOverwrite $made $own | toPrettyJson -}}
{{- end -}}

{{/* What several pods of a service would do to one another without a place that they share. */}}
{{- define "carnet.replicas" -}}
{{- $config := index .root.Values.config (include "carnet.section" .name) | default dict -}}
{{- $database := get $config "database" | toString -}}
{{- if gt (int .service.replicas) 1 -}}
{{- if not (has .name (list "registry" "repository")) -}}
{{- fail (printf "services.%s.replicas is %d, and there is one process of it" .name (int .service.replicas)) -}}
{{- end -}}
{{- if not (regexMatch "^postgres(ql)?://" $database) -}}
{{- fail (printf "services.%s.replicas is %d, and config.%s.database is a file, which one process has to itself" .name (int .service.replicas) .name) -}}
{{- end -}}
{{- if and (eq .name "repository") (not (hasPrefix "s3://" (get $config "documents" | toString))) -}}
{{- fail (printf "services.repository.replicas is %d, and config.repository.documents is a folder of each pod's own; name a bucket, s3://…" (int .service.replicas)) -}}
{{- end -}}
{{- end -}}
{{- int .service.replicas -}}
{{- end -}}
