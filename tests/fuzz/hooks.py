"""Keeps hostile requests from cutting off the branch that they sit on: the admin whose token they carry."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    parameters = case.path_parameters or {}
    changes = case.method.upper() != "GET" and "/principals/" in case.path
    if changes and parameters.get("name") == "admin":
        parameters["name"] = "nobody"
