# Two things are made here; a window needs no container.
#
#   docker build --target test -t shopdesk-test . && docker run --rm shopdesk-test     every check and test, headless
#   docker build --target installer --output dist .                                    dist/shopdesk_….deb
#
# Everything fetched is pinned with its hash in requirements.lock, but for the base and Debian's own packages.
ARG BASE=python:3.12-slim-bookworm

# --- what both stand on: the system's libraries and .venv, a layer that only changes with the lock ---------------------
FROM ${BASE} AS environment
RUN apt-get update -q && apt-get install -q -y --no-install-recommends make && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 shop
WORKDIR /shopdesk
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY resources/installer/prepare.sh resources/installer/
COPY src/shopdesk/__init__.py src/shopdesk/
RUN resources/installer/prepare.sh test && rm -rf /var/lib/apt/lists/* /root/.cache && chown -R shop: .

# --- test: PostgreSQL is inside, each test starts its own -------------------------------------------------------------
FROM environment AS test
COPY --chown=shop . .
USER shop
CMD ["make", "test"]

# --- installer --------------------------------------------------------------------------------------------------------
FROM environment AS build
RUN resources/installer/prepare.sh installer && rm -rf /var/lib/apt/lists/*
COPY --chown=shop . .
USER shop
ARG SOURCE_DATE_EPOCH
RUN make installer

FROM scratch AS installer
COPY --from=build /shopdesk/dist/ /
