module capp-operator.local/tools/controlplane/crds

go 1.25.0

require (
	github.com/cert-manager/cert-manager v1.20.3
	github.com/dana-team/nfspvc-operator v0.5.2
	github.com/dana-team/provider-dns v0.1.3
	github.com/dana-team/provider-dns-v2 v1.0.2
	github.com/kube-logging/logging-operator v0.0.0-20250424202944-7e1f9aad6e21
	knative.dev/eventing v0.50.0
	knative.dev/eventing-kafka-broker v0.49.1
	knative.dev/serving v0.50.0
)
