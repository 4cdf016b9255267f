module capp-operator.local/tools/controlplane/crds

go 1.25.0

require knative.dev/serving v0.50.0
