"""`python -m compliance.reports.sign_process`: a seal and a PDF in, the signed PDF out, once (PAdES B-B, by pyHanko).

The file gets an incremental update behind its last byte and is not touched otherwise. The signature is invisible, since
a visible one would cost the file its PDF/UA-1. The time in it is the one that the seal names, not this moment.
"""

from __future__ import annotations

import asyncio
import io
import resource
import sys
from datetime import datetime
from typing import Any, Final

import msgspec
from pyhanko.keys.pemder import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from compliance.reports.child import SAID
from compliance.reports.signing import FIELD, Seal

MEMORY: Final = 2 * 1024**3


class _Dated(signers.PdfSigner):
    """Signs with an instant that is given, where pyHanko would ask the clock."""

    def __init__(self, meta: signers.PdfSignatureMetadata, signer: signers.Signer, at: datetime) -> None:
        super().__init__(meta, signer, new_field_spec=fields.SigFieldSpec(FIELD))
        self._at = at

    def init_signing_session(self, *args: Any, **options: Any) -> Any:
        session = super().init_signing_session(*args, **options)
        session.system_time = self._at
        return session


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    given = sys.stdin.buffer.read()
    length = int.from_bytes(given[:8], "big")
    seal = msgspec.json.decode(given[8 : 8 + length], type=Seal)
    try:
        made = asyncio.run(_signed(given[8 + length :], seal))
    except (PdfError, ValueError) as error:
        sys.stderr.write(f"The PDF could not be signed: {error}\n")
        return SAID
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    return 0


async def _signed(pdf: bytes, seal: Seal) -> bytes:
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        reason=seal.reason,
    )
    out = io.BytesIO()
    at = seal.at.replace(microsecond=0)
    await _Dated(meta, _signer(seal), at).async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


def _signer(seal: Seal) -> signers.SimpleSigner:
    own, *others = load_certs_from_pemder_data(seal.chain)
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(others)
    key = load_private_key_from_pemder_data(seal.key, passphrase=None)
    return signers.SimpleSigner(signing_cert=own, signing_key=key, cert_registry=store)


if __name__ == "__main__":
    sys.exit(main())
