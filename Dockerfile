# syntax=docker/dockerfile:1
# The image: Node and the bundle on a base without shell or package manager.
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse HEAD) .
# Behind a registry of your own: --build-arg NODE_IMAGE=… --build-arg BASE=… --secret id=npmrc,src=$HOME/.npmrc

# Node 24 with npm; its binary goes into the image.
ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim
# Any base with glibc and libstdc++ of Debian 12.
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

# The bundle is JavaScript, the same for every platform: built once, on the builder's own.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --ignore-scripts --no-audit --no-fund
COPY build.ts ./
COPY agent agent
COPY runtime runtime
COPY functions functions
COPY sandbox sandbox
COPY manifests manifests
COPY knative knative
RUN node build.ts

FROM ${NODE_IMAGE} AS node

FROM ${BASE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="kube-e2etests" \
  org.opencontainers.image.description="Proves, continuously, that a Kubernetes cluster still does its job" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.source="https://github.com/kube-e2etests/kube-e2etests" \
  org.opencontainers.image.documentation="https://github.com/kube-e2etests/kube-e2etests/blob/main/docs/deployment.md" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY LICENSE /app/LICENSE
COPY --from=build /src/dist /app
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
WORKDIR /app
USER 65532:65532
EXPOSE 8081
# Kubernetes has probes of its own; this is for docker run.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["/usr/local/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || process.env.FLASK_PORT || 8081}/livez`).then(({ok}) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The flags of runtime/process/lean-heap.ts, and MALLOC_ARENA_MAX above: the process need not start itself anew to have them.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=4", "--heap-growing-percent=20", "/app/cli.js"]
CMD ["serve"]
