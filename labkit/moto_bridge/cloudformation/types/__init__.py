"""The types of resources that the kit makes itself, a module for each group of services.

Names, what is required, and what a change replaces, as in the schemas of CloudFormation's registry:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from labkit.moto_bridge.cloudformation.types import (
    events,
    functions,
    http_apis,
    identity,
    load_balancers,
    messaging,
    rest_apis,
    storage,
    workflows,
)

MODULES = (functions, messaging, storage, events, identity, rest_apis, http_apis, load_balancers, workflows)
TYPES = {type.name: type for module in MODULES for type in module.TYPES}
