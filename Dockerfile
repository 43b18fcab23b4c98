# The static binary in an image with nothing else in it. It runs one role a container, on a Kafka and a ClickHouse of your own:
# there is no embedded pair in it. docker-compose.yml has both.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
# Modules change less often than the code, so they are a layer of their own.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN make static VERSION="$VERSION" STATIC=/out/rapport

FROM scratch
# What TLS to Kafka and ClickHouse is checked against. Time zones are in the binary.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY LICENSE /LICENSE
COPY --from=build /out/rapport /rapport
# A number, not a name: the image has no /etc/passwd, and an orchestrator can see that it is not root.
USER 65532:65532
# Loopback inside a container can be reached by nobody outside of it.
ENV RAPPORT_HTTP_ADDR=0.0.0.0:8080 RAPPORT_LOG_FORMAT=json
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 CMD ["/rapport", "health"]
ENTRYPOINT ["/rapport"]
CMD ["help"]
