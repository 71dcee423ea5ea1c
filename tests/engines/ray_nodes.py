"""A Ray cluster of nodes on this machine, as a process: ``python tests/engines/ray_nodes.py`` prints address and raylet.

Each line on its standard input starts one more node of one CPU and prints that node's raylet; where the input ends, all end.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

MEMORY = 2**27
"""Bytes of a node's object store; Ray's default is a third of the machine."""


def raylet(node: Any) -> int:
    (found,) = node.all_processes["raylet"]
    return int(found.process.pid)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp", ignore_cleanup_errors=True) as folder:
        os.environ["RAY_TMPDIR"] = folder  # so that it is not taken for the cluster of this machine
        (Path(folder) / "ray").mkdir()
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": MEMORY}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        print(json.dumps({"address": cluster.address, "raylet": raylet(cluster.head_node)}), flush=True)
        for _ in sys.stdin:
            print(raylet(cluster.add_node(num_cpus=1, object_store_memory=MEMORY)), flush=True)
        cluster.shutdown()


main()
