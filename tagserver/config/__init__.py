"""Settings: one frozen value, read from a workspace's file and the environment, refused when something is
amiss.
"""

from tagserver.config.errors import ConfigCode, ConfigError
from tagserver.config.load import SETTINGS_FILE, find_home, format_settings_file, load_settings
from tagserver.config.secret import Secret, variable_name
from tagserver.config.setting import Setting
from tagserver.config.settings import SETTINGS, Settings

__all__ = [
    "SETTINGS",
    "SETTINGS_FILE",
    "ConfigCode",
    "ConfigError",
    "Secret",
    "Setting",
    "Settings",
    "find_home",
    "format_settings_file",
    "load_settings",
    "variable_name",
]
