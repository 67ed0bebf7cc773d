"""The page: ``posture app``, or ``streamlit run app.py``."""

import streamlit as st
from starlette.middleware import Middleware

from posture.live.routes import live_routes
from posture.ui.ahead import Ahead
from posture.ui.server import SCRIPT, lifespan, say_sorry
from posture.ui.shelf import player_routes

app = st.App(
    SCRIPT,
    lifespan=lifespan,
    routes=[*live_routes(), *player_routes()],
    middleware=[Middleware(Ahead)],
    on_script_error=say_sorry,
)
