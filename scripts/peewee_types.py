"""mypy plugin for peewee's generated attributes: `id` of every model, and `visit_id` beside a foreign key `visit`."""

from collections.abc import Callable

from mypy.nodes import AssignmentStmt, CallExpr, Expression, NameExpr, RefExpr, TypeInfo
from mypy.plugin import ClassDefContext, Plugin
from mypy.plugins.common import add_attribute_to_class
from mypy.types import NoneType, Type, UnionType

MODEL = "peewee.Model"


class PeeweeTypes(Plugin):
    """Hook that mypy calls for every base class."""

    def get_base_class_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """Complete each class that is a model."""
        found = self.lookup_fully_qualified(fullname)
        is_model = found is not None and isinstance(found.node, TypeInfo) and found.node.has_base(MODEL)
        return complete if is_model else None


def complete(context: ClassDefContext) -> None:
    """Add the attributes that peewee adds at run time."""
    if any(base.type.fullname == MODEL for base in context.cls.info.bases):
        _add(context, "id", nullable=False)
    for statement in context.cls.defs.body:
        if isinstance(statement, AssignmentStmt) and isinstance(statement.rvalue, CallExpr):
            target, call = statement.lvalues[0], statement.rvalue
            if isinstance(target, NameExpr) and _is_foreign_key(call.callee):
                _add(context, f"{target.name}_id", nullable="null" in call.arg_names)


def _is_foreign_key(callee: Expression) -> bool:
    return isinstance(callee, RefExpr) and callee.fullname == "peewee.ForeignKeyField"


def _add(context: ClassDefContext, name: str, *, nullable: bool) -> None:
    value: Type = context.api.named_type("builtins.int")
    field = context.api.named_type("peewee.Field", [UnionType([value, NoneType()]) if nullable else value])
    add_attribute_to_class(context.api, context.cls, name, field)


def plugin(version: str) -> type[Plugin]:
    """Entry point for mypy."""
    return PeeweeTypes
