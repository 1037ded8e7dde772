# All services in one image: the command says which. deploy/README.md has how it is run.
#
# node:24 has SQLite built in; slim and not alpine, because Node builds and tests for glibc, and for musl only now and then.
FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
# Nothing of what others wrote is run while it is installed.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.js \
  && npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /opt/carnet
COPY --from=build /src/LICENSE /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/domains ./domains
COPY --from=build /src/wsdl ./wsdl
COPY --from=build /src/scripts/carnet.js /src/scripts/probe.js ./scripts/
COPY --from=build /src/dist ./dist
# The one place that is written to; the rest of the file system may be read-only.
RUN mkdir -p /var/lib/carnet && chown 1000:1000 /var/lib/carnet
VOLUME ["/var/lib/carnet"]
# The user "node" of the base image, by number so that an orchestrator sees that it is not root.
USER 1000:1000
EXPOSE 8441 8442 8443 8444 8445 8446 6514 12575 12576
# The flags are those that "carnet start" gives (ports/processes.ts, thriftyCollector).
ENTRYPOINT ["node", "--enable-source-maps", "--single-threaded-gc", "--min-semi-space-size=16", "--no-flush-bytecode", "--no-incremental-marking", "--initial-old-space-size=48", "/opt/carnet/scripts/carnet.js"]
CMD ["--help"]
HEALTHCHECK --interval=15s --timeout=6s --start-period=15m --retries=4 CMD ["node", "/opt/carnet/scripts/probe.js", "--process", "1", "--alive"]
