# Two stages: the first builds the wheel and installs it with its pinned, hashed dependencies; the second holds the
# result and a user without rights. The program needs no system library and no checkout; Debian's fonts are there for
# names in scripts that no Python package has a font for.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src

COPY requirements-build.txt requirements-s3.txt ./
RUN python -m venv /build \
 && /build/bin/pip install --quiet --require-hashes -r requirements-build.txt \
 && python -m venv /opt/compliance \
 && /opt/compliance/bin/pip install --quiet --require-hashes -r requirements-s3.txt

COPY . .
RUN /build/bin/hatchling build -t wheel -d /dist \
 && /opt/compliance/bin/pip install --quiet --no-deps --no-index /dist/*.whl

FROM python:3.13-slim
RUN useradd --uid 10001 --home-dir /var/lib/compliance --create-home --shell /usr/sbin/nologin compliance
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-noto-core \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/compliance /opt/compliance

ENV PATH=/opt/compliance/bin:$PATH \
    COMPLIANCE_REPORT_FONTS=/usr/share/fonts/truetype/noto \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    COMPLIANCE_HOME=/var/lib/compliance
USER 10001:10001
WORKDIR /var/lib/compliance
VOLUME /var/lib/compliance
EXPOSE 8000
STOPSIGNAL SIGTERM

ENTRYPOINT ["compliance"]
CMD ["serve", "--host", "0.0.0.0"]
