"""Serve a GGUF on this machine as an OpenAI-compatible server (package xllamacpp), to be a local judge.

    pip install xllamacpp
    python benchmarks/serve_gguf.py MODEL.gguf [--name local] [--port 8080] [--threads 2] [--context 8192] [--slots 1]

The wheel has no command of its own. ``/v1/chat/completions`` with a JSON schema holds the model to the schema by a grammar.
"""

import argparse
import time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gguf")
    parser.add_argument("--name", default="local", help="the model name that clients ask for")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--context", type=int, default=8192, help="tokens a slot")
    parser.add_argument("--slots", type=int, default=1, help="requests at once")
    chosen = parser.parse_args()

    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = chosen.gguf
    params.model_alias = {chosen.name}
    params.hostnames = ["127.0.0.1"]
    params.port = chosen.port
    params.n_ctx = chosen.context * chosen.slots
    params.n_parallel = chosen.slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = chosen.threads
    params.use_jinja = True
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1 serves {chosen.name} ({chosen.gguf})", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
