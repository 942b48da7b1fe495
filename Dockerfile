# One image for `headwater serve` and `headwater work`. Versions are those of requirements.lock, exactly; the package
# index is the builder's own setting. docs/operations.md says how it is run.
FROM python:3.11.14-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/headwater
WORKDIR /src
COPY requirements.lock ./
RUN /opt/headwater/bin/pip install -r requirements.lock 'psycopg[binary]==3.3.9'
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY graph_schema graph_schema
COPY headwater headwater
COPY queries queries
COPY ingest ingest
COPY app app
RUN /opt/headwater/bin/pip install --no-deps . && /opt/headwater/bin/python -m compileall -q /opt/headwater

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin headwater \
    && install -d -o headwater -g headwater -m 700 /var/lib/headwater
COPY --from=build /opt/headwater /opt/headwater
ENV PATH=/opt/headwater/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HEADWATER_HOME=/var/lib/headwater
USER headwater
WORKDIR /var/lib/headwater
VOLUME /var/lib/headwater
EXPOSE 8020
# For `serve`; `work` listens nowhere and brings its own check (docker-compose.yml).
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=4 CMD ["headwater", "status"]
ENTRYPOINT ["headwater"]
CMD ["serve"]
