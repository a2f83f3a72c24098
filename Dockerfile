# The mock as an image that holds one static binary:
#
#   docker build -t cfimages . && docker run -p 8787:8787 cfimages
#
# Flags go behind the image's name, or as CFIMAGES_MOCK_FLAG into the environment.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /out/cfimages ./cmd/cfimages
RUN mkdir -m 0700 /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/cfimages /cfimages
USER 65532:65532
ENV CFIMAGES_MOCK_ADDR=:8787
EXPOSE 8787
HEALTHCHECK --interval=5s --timeout=6s --start-period=1s CMD ["/cfimages", "mock", "health"]
ENTRYPOINT ["/cfimages", "mock"]
