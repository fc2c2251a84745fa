"""An RTSP server that is not ours, for the system's python: serves an MP4 file at /video, prints its port.

Usage: gst_server.py FILE h264|h265 [USER PASSWORD]
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

Gst.init(None)
path, codec, *login = sys.argv[1:]

factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(f'( filesrc location="{path}" ! qtdemux ! {codec}parse ! rtp{codec}pay name=pay0 pt=96 )')
factory.set_shared(False)

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
if login:
    user, password = login
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    role = GstRtspServer.RTSPPermissions()
    role.add_permission_for_role("viewer", "media.factory.access", True)
    role.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(role)
server.get_mount_points().add_factory("/video", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
