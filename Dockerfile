# The web and worker image: one image, two commands (see docker-compose.yml). It holds no sandbox; `make image` builds that.
ARG PYTHON_IMAGE=python:3.13-slim
ARG NODE_IMAGE=node:22-slim

FROM ${NODE_IMAGE} AS bundle
WORKDIR /app
COPY . .
RUN scripts/build-frontend

FROM ${PYTHON_IMAGE} AS packages
COPY requirements.lock /tmp/
# What developing needs stands below its heading in the lock file and stays out.
RUN sed '/^# Developing it/,$d' /tmp/requirements.lock >/tmp/product.lock \
    && python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement /tmp/product.lock

FROM ${PYTHON_IMAGE}
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    HOLDOVER_DATA=/data
WORKDIR /app
RUN /usr/sbin/useradd --uid 1000 --create-home holdover && install --directory --owner holdover /data /data/archives
COPY --from=packages /venv /venv
COPY . .
COPY --from=bundle /app/playground/static/bundle playground/static/bundle
RUN python -m compileall -q playground sandbox_runner \
    && HOLDOVER_SECRET_KEY=only-to-collect-files python manage.py collectstatic --noinput
USER holdover
EXPOSE 8000
CMD ["uvicorn", "playground.asgi:application", "--host", "0.0.0.0", "--port", "8000"]
