"""Asks OpenSSL's own X509_verify_cert about certification paths.

Each line of standard input is a JSON object, each is answered by one line:
  {"Certificates": [DER, ...], "Sent": [index, ...], "Trusted": [index, ...], "Client": ..., "Flags": ..., "HostFlags": ...,
   "Level": ..., "Host": ..., "Address": ..., "At": seconds}
  -> {"Unreadable": [index, ...], "Refusals": [{"Number": ..., "Text": ..., "Certificate": index}, ...]}
Refusals are all that there are: verification goes on after each. DER is written in base64. With "Names": true the answer is
{"Unreadable": ..., "Matches": ...}, of X509_check_host or X509_check_ip for the first certificate alone.
"""
import base64
import ctypes
import json
import sys

lib = ctypes.CDLL("libcrypto.so.3")
pointer, number, long = ctypes.c_void_p, ctypes.c_int, ctypes.c_long
for name, result, arguments in [
    ("OpenSSL_version", ctypes.c_char_p, [number]),
    ("ERR_clear_error", None, []),
    ("d2i_X509", pointer, [pointer, ctypes.POINTER(pointer), long]),
    ("i2d_X509", number, [pointer, ctypes.POINTER(pointer)]),
    ("X509_free", None, [pointer]),
    ("X509_check_host", number, [pointer, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, pointer]),
    ("X509_check_ip_asc", number, [pointer, ctypes.c_char_p, ctypes.c_uint]),
    ("OPENSSL_sk_new_null", pointer, []),
    ("OPENSSL_sk_push", number, [pointer, pointer]),
    ("OPENSSL_sk_free", None, [pointer]),
    ("X509_STORE_new", pointer, []),
    ("X509_STORE_free", None, [pointer]),
    ("X509_STORE_add_cert", number, [pointer, pointer]),
    ("X509_STORE_CTX_new", pointer, []),
    ("X509_STORE_CTX_free", None, [pointer]),
    ("X509_STORE_CTX_init", number, [pointer] * 4),
    ("X509_STORE_CTX_set_purpose", number, [pointer, number]),
    ("X509_STORE_CTX_get0_param", pointer, [pointer]),
    ("X509_STORE_CTX_get_error", number, [pointer]),
    ("X509_STORE_CTX_get_current_cert", pointer, [pointer]),
    ("X509_STORE_CTX_set_verify_cb", None, [pointer, pointer]),
    ("X509_VERIFY_PARAM_set_flags", number, [pointer, ctypes.c_ulong]),
    ("X509_VERIFY_PARAM_set_time", None, [pointer, long]),
    ("X509_VERIFY_PARAM_set_auth_level", None, [pointer, number]),
    ("X509_VERIFY_PARAM_set_hostflags", None, [pointer, ctypes.c_uint]),
    ("X509_VERIFY_PARAM_set1_host", number, [pointer, ctypes.c_char_p, ctypes.c_size_t]),
    ("X509_VERIFY_PARAM_set1_ip_asc", number, [pointer, ctypes.c_char_p]),
    ("X509_verify_cert", number, [pointer]),
    ("X509_verify_cert_error_string", ctypes.c_char_p, [long]),
]:
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments

SSL_CLIENT, SSL_SERVER = 1, 2  # X509_PURPOSE


def read(der):
    at = ctypes.cast(ctypes.c_char_p(der), pointer)
    return lib.d2i_X509(None, ctypes.byref(at), len(der))


def write(certificate):
    out = pointer()
    return ctypes.string_at(out, length) if (length := lib.i2d_X509(certificate, ctypes.byref(out))) > 0 else b""


def configure(context, question):
    lib.X509_STORE_CTX_set_purpose(context, SSL_CLIENT if question["Client"] else SSL_SERVER)
    param = lib.X509_STORE_CTX_get0_param(context)
    lib.X509_VERIFY_PARAM_set_flags(param, question["Flags"])
    lib.X509_VERIFY_PARAM_set_hostflags(param, question["HostFlags"])
    lib.X509_VERIFY_PARAM_set_auth_level(param, question["Level"])
    lib.X509_VERIFY_PARAM_set_time(param, question["At"])
    if question["Host"]:
        lib.X509_VERIFY_PARAM_set1_host(param, question["Host"].encode(), 0)
    if question["Address"]:
        lib.X509_VERIFY_PARAM_set1_ip_asc(param, question["Address"].encode())


def refusal(context, index):
    error = lib.X509_STORE_CTX_get_error(context)
    return {"Number": error, "Text": lib.X509_verify_cert_error_string(error).decode(), "Certificate": index}


def verify(certificates, ders, question):
    refusals = []

    @ctypes.CFUNCTYPE(number, number, pointer)
    def callback(ok, context):
        if not ok:
            current = lib.X509_STORE_CTX_get_current_cert(context)
            refusals.append(refusal(context, ders.index(write(current)) if current else -1))
        return 1

    store, sent, context = lib.X509_STORE_new(), lib.OPENSSL_sk_new_null(), lib.X509_STORE_CTX_new()
    for i in question["Trusted"] or []:
        lib.X509_STORE_add_cert(store, certificates[i])
    for i in question["Sent"][1:]:
        lib.OPENSSL_sk_push(sent, certificates[i])
    lib.X509_STORE_CTX_init(context, store, certificates[question["Sent"][0]], sent)
    configure(context, question)
    lib.X509_STORE_CTX_set_verify_cb(context, ctypes.cast(callback, pointer))
    if lib.X509_verify_cert(context) < 0:
        refusals.append(refusal(context, -1))
    lib.X509_STORE_CTX_free(context)
    lib.OPENSSL_sk_free(sent)
    lib.X509_STORE_free(store)
    return refusals


def matches(certificate, question):
    if question["Address"]:
        return lib.X509_check_ip_asc(certificate, question["Address"].encode(), question["HostFlags"]) == 1
    return lib.X509_check_host(certificate, question["Host"].encode(), 0, question["HostFlags"], None) == 1


def answer(question):
    ders = [base64.b64decode(c) for c in question["Certificates"]]
    certificates = [read(der) for der in ders]
    unreadable = [i for i, c in enumerate(certificates) if not c]
    try:
        if unreadable:
            return {"Unreadable": unreadable}
        if question.get("Names"):
            return {"Matches": matches(certificates[0], question)}
        return {"Refusals": verify(certificates, ders, question)}
    finally:
        for certificate in certificates:
            lib.X509_free(certificate)
        lib.ERR_clear_error()


def main():
    print(json.dumps(lib.OpenSSL_version(0).decode()), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


main()
