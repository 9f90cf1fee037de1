"""Keys, signatures and encryption, against the samples that Microsoft published.

Source: "SMB 2 and SMB 3 security in Windows 10: the anatomy of signing and cryptographic keys"
and "Encryption in SMB 3.0: A protocol perspective", Microsoft Open Specifications.
"""

import pytest

from hostprobe.lab.smb.headers import Violation
from hostprobe.lab.smb.keys import (
    Agreement,
    Cipher,
    Dialect,
    Keys,
    Signing,
    derive,
    sealing_session,
)

PREAUTH_HASH = bytes.fromhex(
    "0DD13628CC3ED218EF9DF9772D436D0887AB9814BFAE63A80AA845F36909DB79"
    "28622DDDAD522D9751640A459762C5A9D6BB084CBB3CE6BDADEF5D5BCE3C6C01"
)
SEALED_WRITE = bytes.fromhex(
    "FD534D4281A286535415445DAE393921E44FA42E66E69A111892584FB5ED524A"
    "744DA3EE87000000000001001100001400E4080025C8FEE16605A437832D1CD5"
    "2DA9F4645333482A175FE5384563F45FCDAFAEF38BC62BA4D5C62897996625A4"
    "4C29BE5658DE2E6117585779E7B59FFD971278D08580D7FA899E410E910EABF5"
    "AA1DB43050B33B49182637759AC15D84BFCDF5B6B238993C0F4CF4D6012023F6"
    "C627297075D84B7803912D0A9639634453595EF3E33FFE4E7AC2AB"
)
SMB_3_0 = Agreement(Dialect.SMB_3_0, Cipher.AES_128_CCM, Signing.AES_CMAC)
SMB_3_1_1 = Agreement(Dialect.SMB_3_1_1, Cipher.AES_128_GCM, Signing.AES_CMAC)


@pytest.mark.parametrize(
    ("session_key", "label", "context", "expected"),
    [
        (
            "7CD451825D0450D235424E44BA6E78CC",
            b"SMB2AESCMAC\0",
            b"SmbSign\0",
            "0B7E9C5CAC36C0F6EA9AB275298CEDCE",
        ),
        (
            "B4546771B515F766A86735532DD6C4F0",
            b"SMB2AESCCM\0",
            b"ServerIn \0",
            "261B72350558F2E9DCF613070383EDBF",
        ),
        (
            "270E1BA896585EEB7AF3472D3B4C75A7",
            b"SMBSigningKey\0",
            PREAUTH_HASH,
            "73FE7A9A77BEF0BDE49C650D8CCB5F76",
        ),
        (
            "270E1BA896585EEB7AF3472D3B4C75A7",
            b"SMBS2CCipherKey\0",
            PREAUTH_HASH,
            "E2AF0DCEFAC68DA71A0DFBD0D1350D74",
        ),
        (
            "270E1BA896585EEB7AF3472D3B4C75A7",
            b"SMBC2SCipherKey\0",
            PREAUTH_HASH,
            "629BCBC54422A0F572B97F45989B6073",
        ),
    ],
)
def test_keys_are_derived_as_windows_does(
    session_key: str, label: bytes, context: bytes, expected: str
) -> None:
    """A session key, label and context give the key that Microsoft's samples tell."""
    assert derive(bytes.fromhex(session_key), label, context) == bytes.fromhex(expected)


def test_a_sample_request_is_decrypted() -> None:
    """A WRITE that Windows 8 encrypted for SMB 3.0 reads as the text that it wrote."""
    keys = Keys(bytes.fromhex("B4546771B515F766A86735532DD6C4F0"), SMB_3_0, b"")
    assert sealing_session(SEALED_WRITE) == 0x8E40014000011
    assert keys.unseal(SEALED_WRITE).endswith(b"Smb3 encryption testing")


def test_a_sample_answer_has_its_signature() -> None:
    """The last answer of a 3.1.1 log-in is signed as Windows 10's sample is."""
    raw = bytes.fromhex(
        "FE534D4240000100000000000100800009000000000000000300000000000000"
        "FFFE0000000000001900000000100000EBE146DA120BA25FC3376A49DFE31BC1"
        "0900000048001D00A11B3019A0030A0100A3120410010000003B453CDC352416"
        "4200000000"
    )
    keys = Keys(bytes.fromhex("270E1BA896585EEB7AF3472D3B4C75A7"), SMB_3_1_1, PREAUTH_HASH)
    assert keys.signature(raw) == raw[48:64]


def test_smb_2_signs_with_the_session_key() -> None:
    """2.x signs with HMAC-SHA256 and the session key itself, the place of the signature blank."""
    keys = Keys(b"\x0b" * 16, Agreement(Dialect.SMB_2_1), b"")
    blank = bytes(48) + bytes(16) + b"body"
    filled = bytes(48) + b"s" * 16 + b"body"
    assert keys.signature(filled).hex() == "28b2baf0a2e7b100e77b84a7efd14066"
    assert keys.signature(blank) == keys.signature(filled)
    assert not keys.can_seal


def test_gmac_tells_the_two_sides_and_a_cancel_apart() -> None:
    """With AES-GMAC the same bytes are signed otherwise by each side, and in a CANCEL."""
    agreed = Agreement(Dialect.SMB_3_1_1, Cipher.NONE, Signing.AES_GMAC)
    keys = Keys(bytes(16), agreed, PREAUTH_HASH)
    message = bytearray(b"\xfeSMB" + bytes(80))
    signatures = {keys.signature(bytes(message)), keys.signature(bytes(message), from_server=False)}
    message[12] = 12
    signatures.add(keys.signature(bytes(message)))
    assert len(signatures) == 3


@pytest.mark.parametrize("cipher", [cipher for cipher in Cipher if cipher])
def test_what_is_encrypted_reads_only_with_the_right_key(cipher: Cipher) -> None:
    """Each cipher opens what the other side sealed, and nothing that was changed on its way."""
    agreed = Agreement(Dialect.SMB_3_1_1, cipher, Signing.AES_GMAC)
    host, client = Keys(bytes(16), agreed, b"h"), Keys(bytes(16), agreed, b"h")
    client._from_client, client._to_client = client._to_client, client._from_client
    frame = client.seal(b"message", 7)
    assert sealing_session(frame) == 7
    assert host.unseal(frame) == b"message"
    for at in (4, 20, 40, len(frame) - 1):
        changed = bytearray(frame)
        changed[at] ^= 1
        with pytest.raises(Violation):
            host.unseal(bytes(changed))


def test_a_cut_frame_does_not_decrypt() -> None:
    """A transform header that is not whole is a violation."""
    keys = Keys(bytes(16), SMB_3_0, b"")
    with pytest.raises(Violation):
        keys.unseal(SEALED_WRITE[:40])
    with pytest.raises(Violation):
        sealing_session(SEALED_WRITE[:40])


def test_nothing_is_encrypted_without_a_cipher() -> None:
    """2.1 neither seals nor opens what is sealed."""
    keys = Keys(bytes(16), Agreement(Dialect.SMB_2_1), b"")
    with pytest.raises(Violation):
        keys.unseal(SEALED_WRITE)
    with pytest.raises(Violation):
        keys.seal(b"message", 7)


def test_names_are_as_people_write_them() -> None:
    """Dialects and ciphers are told by their usual names."""
    assert (Dialect.SMB_3_1_1.label, Dialect.SMB_2_1.label) == ("SMB 3.1.1", "SMB 2.1")
    assert (Cipher.AES_128_GCM.label, Cipher.NONE.label) == ("AES-128-GCM", "no encryption")
