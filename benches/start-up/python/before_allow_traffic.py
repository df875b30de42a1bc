"""CodeDeploy's BeforeAllowTraffic hook."""

import hook


def handler(payload, _context):
    return hook.handle("BeforeAllowTraffic", payload)
