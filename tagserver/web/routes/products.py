"""Products: registered by their producer, read by everybody."""

from __future__ import annotations

from apiflask import APIBlueprint, FileSchema
from flask import Response, request

from tagcore.gs1 import Gtin
from tagserver.ports import Product
from tagserver.ports.imaging import ImageCode, ImageRefusedError
from tagserver.services.errors import Refusal, ServiceError
from tagserver.web.auth import required_caller
from tagserver.web.limits import body_limit, images
from tagserver.web.pictures import product_picture
from tagserver.web.presenting import picture_path
from tagserver.web.rates import Budget, spends
from tagserver.web.schemas.products import ProductIn, ProductOut
from tagserver.web.surroundings import here

PICTURE_CACHE = "public, max-age=86400"

blueprint = APIBlueprint("products", __name__, url_prefix="/v1/products", tag="Products")


@blueprint.post("")
@blueprint.input(ProductIn)
@blueprint.output(ProductOut, status_code=201)
@blueprint.doc(
    summary="Register a product",
    description="The GTIN has to be yours. Needs the scope `products`.",
    security="Token",
    responses={403: "Not your GTIN, or not in your token's scopes", 409: "The GTIN is registered already"},
)
def register(json_data: ProductIn) -> tuple[ProductOut, int, dict[str, str]]:
    """A new product."""
    caller = required_caller()
    product = Product(
        gtin=json_data.gtin,
        org_id=caller.org_id,
        name=json_data.name,
        description=json_data.description,
        size=json_data.size,
        markets=json_data.markets,
        instructions=json_data.instructions,
        created_at=here().clock(),
        thresholds=json_data.thresholds.thresholds() if json_data.thresholds else None,
    )
    registered = here().services.products.register(caller, product)
    return _present(registered), 201, {"Location": f"/v1/products/{registered.gtin}"}


@blueprint.get("/<gtin:gtin>")
@blueprint.output(ProductOut)
@blueprint.doc(summary="Read a product")
def get(gtin: Gtin) -> ProductOut:
    """What everybody may know of it."""
    return _present(here().services.products.find(gtin))


@blueprint.put("/<gtin:gtin>/picture")
@spends(Budget.PICTURES)
@body_limit(images)
@blueprint.output(ProductOut)
@blueprint.doc(
    summary="Set a product's picture",
    description="JPEG, PNG or WebP as the request's body. It is made small and written anew, without metadata. "
    "Needs the scope `products`.",
    security="Token",
    responses={413: "Too large", 415: "No picture of a known kind", 422: "The picture cannot be read"},
)
def put_picture(gtin: Gtin) -> ProductOut:
    """The picture of the pack."""
    caller, settings = required_caller(), here().settings
    data = request.get_data(cache=False)
    if len(data) > settings.max_image_bytes:
        message = f"the picture has more than {settings.max_image_bytes} bytes"
        raise ImageRefusedError(ImageCode.TOO_LARGE, message)
    picture = product_picture(data, max_pixels=settings.max_image_pixels)
    return _present(here().services.products.set_picture(caller, gtin, picture))


@blueprint.get("/<gtin:gtin>/picture")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="image/jpeg")
@blueprint.doc(summary="Read a product's picture")
def get_picture(gtin: Gtin) -> Response:
    """The picture of the pack, cacheable: its address changes with it."""
    picture = here().services.products.picture(gtin)
    if picture is None:
        raise ServiceError(Refusal.NOT_FOUND, f"no picture of product {gtin}")
    response = Response(picture.data, mimetype=picture.media_type)
    response.headers["Cache-Control"] = PICTURE_CACHE
    response.add_etag()
    response.make_conditional(request)
    return response


def _present(product: Product) -> ProductOut:
    return ProductOut(
        gtin=product.gtin,
        organisation=product.org_id,
        name=product.name,
        description=product.description,
        size=product.size,
        markets=list(product.markets),
        instructions=product.instructions,
        picture=picture_path(product),
        created_at=product.created_at,
    )
