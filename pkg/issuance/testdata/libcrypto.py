"""Asks OpenSSL's own library what it makes of confs.

Argument: a certification request in PEM. Each line of standard input is a JSON object, each is answered by one line:
  {"File": F}                                  -> {"OK": ..., "Line": ..., "Sections": [[name, [[key, value], ...]], ...]}
  {"File": F, "Section": S, "Mask": M}         -> {"OK": ..., "Extensions": [[oid, critical, DER], ...]}
Bytes are written as Latin-1 in either direction, DER as hexadecimal digits.
"""
import ctypes
import json
import sys

lib = ctypes.CDLL("libcrypto.so.3")
pointer, long = ctypes.c_void_p, ctypes.c_long
for name, result, arguments in [
    ("OpenSSL_version", ctypes.c_char_p, [ctypes.c_int]),
    ("NCONF_new", pointer, [pointer]),
    ("NCONF_free", None, [pointer]),
    ("NCONF_load", ctypes.c_int, [pointer, ctypes.c_char_p, ctypes.POINTER(long)]),
    ("NCONF_get_section", pointer, [pointer, ctypes.c_char_p]),
    ("OPENSSL_LH_doall", None, [pointer, pointer]),
    ("OPENSSL_sk_num", ctypes.c_int, [pointer]),
    ("OPENSSL_sk_value", pointer, [pointer, ctypes.c_int]),
    ("OPENSSL_sk_pop_free", None, [pointer, pointer]),
    ("BIO_new_file", pointer, [ctypes.c_char_p, ctypes.c_char_p]),
    ("BIO_free", ctypes.c_int, [pointer]),
    ("PEM_read_bio_X509_REQ", pointer, [pointer, pointer, pointer, pointer]),
    ("X509_REQ_free", None, [pointer]),
    ("X509V3_set_ctx", None, [pointer, pointer, pointer, pointer, pointer, ctypes.c_int]),
    ("X509V3_set_nconf", None, [pointer, pointer]),
    ("X509V3_EXT_add_nconf_sk", ctypes.c_int, [pointer, pointer, ctypes.c_char_p, ctypes.POINTER(pointer)]),
    ("X509_EXTENSION_get_object", pointer, [pointer]),
    ("X509_EXTENSION_get_data", pointer, [pointer]),
    ("X509_EXTENSION_get_critical", ctypes.c_int, [pointer]),
    ("OBJ_obj2txt", ctypes.c_int, [ctypes.c_char_p, ctypes.c_int, pointer, ctypes.c_int]),
    ("ASN1_STRING_get0_data", pointer, [pointer]),
    ("ASN1_STRING_length", ctypes.c_int, [pointer]),
    ("ASN1_STRING_set_default_mask", None, [ctypes.c_ulong]),
    ("ERR_clear_error", None, []),
]:
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments


class Value(ctypes.Structure):  # CONF_VALUE
    _fields_ = [("section", ctypes.c_char_p), ("name", ctypes.c_char_p), ("value", ctypes.c_char_p)]


class Conf(ctypes.Structure):  # conf_st, as far as its hash of values
    _fields_ = [("method", pointer), ("method_data", pointer), ("data", pointer)]


def stack(address):
    return [lib.OPENSSL_sk_value(address, i) for i in range(lib.OPENSSL_sk_num(address))]


def text(data):
    return (data or b"").decode("latin-1")


def sections(conf):
    names = []

    @ctypes.CFUNCTYPE(None, ctypes.POINTER(Value))
    def visit(value):
        if value.contents.name is None:
            names.append(value.contents.section)

    lib.OPENSSL_LH_doall(ctypes.cast(conf, ctypes.POINTER(Conf)).contents.data, ctypes.cast(visit, pointer))
    found = []
    for name in sorted(names):
        values = [Value.from_address(v) for v in stack(lib.NCONF_get_section(conf, name))]
        found.append([text(name), [[text(v.name), text(v.value)] for v in values]])
    return found


def extension(address):
    oid = ctypes.create_string_buffer(1000)
    lib.OBJ_obj2txt(oid, len(oid), lib.X509_EXTENSION_get_object(address), 1)
    data = lib.X509_EXTENSION_get_data(address)
    der = ctypes.string_at(lib.ASN1_STRING_get0_data(data), lib.ASN1_STRING_length(data))
    return [oid.value.decode(), bool(lib.X509_EXTENSION_get_critical(address)), der.hex()]


def read_request():
    bio = lib.BIO_new_file(sys.argv[1].encode(), b"r")
    try:
        return lib.PEM_read_bio_X509_REQ(bio, None, None, None)
    finally:
        lib.BIO_free(bio)


def extensions(conf, section, mask):
    request = read_request()  # anew, for email:move changes it
    context = ctypes.create_string_buffer(256)  # more than X509V3_CTX takes
    lib.ASN1_STRING_set_default_mask(mask)
    lib.X509V3_set_ctx(context, None, None, request, None, 0)
    lib.X509V3_set_nconf(context, conf)
    made = pointer()
    ok = lib.X509V3_EXT_add_nconf_sk(conf, context, section.encode("latin-1"), ctypes.byref(made))
    answer = {"OK": ok == 1, "Extensions": [extension(e) for e in stack(made)] if ok == 1 else []}
    lib.OPENSSL_sk_pop_free(made, lib.X509_EXTENSION_free)
    lib.X509_REQ_free(request)
    return answer


def answer(question):
    conf, line = lib.NCONF_new(None), long(0)
    try:
        if lib.NCONF_load(conf, question["File"].encode(), ctypes.byref(line)) <= 0:
            return {"OK": False, "Line": line.value}
        if question.get("Section"):
            return extensions(conf, question["Section"], question["Mask"])
        return {"OK": True, "Sections": sections(conf)}
    finally:
        lib.NCONF_free(conf)
        lib.ERR_clear_error()


def main():
    print(json.dumps(lib.OpenSSL_version(0).decode()), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


main()
