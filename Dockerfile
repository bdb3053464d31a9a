# Everything the program needs is inside the binary: pages, static files, words, migrations, time zones. The final image
# holds it, the C library and the certificates of public authorities, the notices of others' licenses and the list of parts,
# and nothing else: no shell, no package manager.

# A tag may lead to another image tomorrow. Name both images by the digests that you have checked, as docs/deploy.md says.
ARG BUILDER=rust:1.95-slim-bookworm
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILDER} AS dependencies
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
# Writes the list of all parts and their versions into the binary, where scanners of images find it (SBOM).
RUN cargo install --locked cargo-auditable@0.7.7
# "otel" builds a program that can send spans to a collector.
ARG FEATURES=""
WORKDIR /build
# The dependencies alone, over an empty program: this layer is built anew only when they change.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cargo auditable build --locked --release --features "$FEATURES" \
    && rm -r src

FROM dependencies AS build
COPY build.rs ./
COPY migrations migrations
COPY static static
COPY templates templates
COPY src src
# Newer than what was built from the empty program.
RUN touch src/main.rs src/lib.rs && cargo auditable build --locked --release --features "$FEATURES"
# The one folder that is written to, made here because the final image has no shell.
RUN mkdir -p /rootfs && mkdir -m 700 /rootfs/data

FROM ${BASE}
LABEL org.opencontainers.image.title="nrg-enroll" \
      org.opencontainers.image.description="Web enrollment server for affiliates of the NRG electricity brands in Texas"
COPY --from=build --chown=65532:65532 /rootfs/data /data
COPY --from=build /build/target/release/nrg-enroll /usr/local/bin/nrg-enroll
COPY docs/reference/third-party-notices.md docs/reference/sbom.cdx.json /usr/share/doc/nrg-enroll/
# By number, so that Kubernetes can see that it is not root.
USER 65532:65532
# SQLite's file. With PostgreSQL nothing is ever written, and the root file system may be read-only in either case.
VOLUME /data
ENV ENROLL__STORE__URL=sqlite:///data/nrg-enroll.db
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/usr/local/bin/nrg-enroll", "health"]
ENTRYPOINT ["/usr/local/bin/nrg-enroll"]
CMD ["serve"]
