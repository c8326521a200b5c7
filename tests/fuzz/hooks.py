"""Keeps hostile requests from cutting off the branch that they sit on: the admin whose token they carry."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    parameters = case.path_parameters or {}
    if parameters.get("name") == "admin" and "/principals/" in case.path:
        parameters["name"] = "nobody"
