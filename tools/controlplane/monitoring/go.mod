module capp-operator.local/tools/controlplane/monitoring

go 1.25.0

require github.com/prometheus-operator/prometheus-operator v0.85.0
