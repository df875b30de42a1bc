"""CodeDeploy's AfterAllowTraffic hook."""

import hook


def handler(payload, _context):
    return hook.handle("AfterAllowTraffic", payload)
