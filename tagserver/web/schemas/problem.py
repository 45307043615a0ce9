"""Problem details (RFC 9457)."""

from pydantic import BaseModel, Field


class FieldProblem(BaseModel):
    """One part of a request that is wrong."""

    field: str | None = Field(default=None, description="The field's name, with dots where it is nested.")
    code: str
    detail: str


class ProblemOut(BaseModel):
    """Why a request was refused. `code` is stable; `detail` is for people."""

    type: str = Field(description="Address of this code's description.", examples=["/docs#NOT_FOUND"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str
    code: str = Field(examples=["NOT_FOUND"])
    field: str | None = Field(default=None, description="The field at fault, where there is one.")
    errors: list[FieldProblem] | None = Field(default=None, description="Every field at fault.")
