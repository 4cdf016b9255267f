# The operator's image: the program, libc, CA certificates, their licences and an SBOM. `make docker-build`.
# Debian 12 has the compiler and the libraries that the operator is tested with; give a digest for a build that can be
# repeated: --build-arg DEBIAN=debian@sha256:...
ARG DEBIAN=debian:12-slim

FROM ${DEBIAN} AS build
WORKDIR /src
COPY tools/image/packages /tmp/packages
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive xargs --arg-file /tmp/packages apt-get install --yes --no-install-recommends
COPY . .
# The commit and its date (seconds since 1970): the context has no .git. SOURCE_DATE_EPOCH is also what BuildKit dates
# the image by.
ARG REVISION=unknown
ARG SOURCE_DATE_EPOCH=0
RUN CAPP_GIT=${REVISION} SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} tools/image/build /image

FROM scratch
ARG REVISION=unknown
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="capp-operator" \
      org.opencontainers.image.description="Kubernetes operator for Capps: container applications on Knative" \
      org.opencontainers.image.source="https://github.com/dana-team/container-app-operator" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image/ /
USER 65532:65532
ENTRYPOINT ["/capp-operator"]
