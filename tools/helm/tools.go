//go:build tools

// Package helm pins the Helm that renders and installs this project's chart in its tests.
package helm

import _ "helm.sh/helm/v4/cmd/helm"
