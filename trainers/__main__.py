"""``accelerate launch -m harness.trainers NAME``: `harness train` in as many processes as accelerate starts."""

import sys

from harness.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["train"]
    main()
