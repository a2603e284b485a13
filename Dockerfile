# Small, non-root, fine with a read-only root file system: only /var/lib/locksmith is written to.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv /opt/locksmith
RUN /opt/locksmith/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
RUN python -m venv /opt/build && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY remediations remediations
COPY migrations migrations
RUN /opt/build/bin/python -m hatchling build -t wheel -d /opt/wheel
RUN /opt/locksmith/bin/pip install --no-cache-dir --no-index --no-deps /opt/wheel/*.whl

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/locksmith --create-home locksmith
COPY --from=build /opt/locksmith /opt/locksmith
ENV PATH=/opt/locksmith/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    LOCKSMITH_DATABASE__URL=sqlite:////var/lib/locksmith/locksmith.db
USER 10001
VOLUME /var/lib/locksmith
HEALTHCHECK --interval=60s --timeout=10s CMD ["locksmith", "db", "current"]
ENTRYPOINT ["locksmith"]
CMD ["--help"]
