using Virt.Daemon.Pki;

namespace Virt.Daemon.Hosting.Commands;

/// <summary>Says what was made and what goes where, at Virt's places and at libvirt's.</summary>
internal static class PkiAdvice
{
    public static Task WriteAuthorityAsync(TextWriter output, PkiFolder folder) => output.WriteLineAsync(
        $"""
        {folder.Authority}  the authority's certificate, for servers and clients
        {folder.AuthorityKey}   its private key: whoever has it can make certificates, so it stays here

        Next, for the host that runs virtd:  virtd pki server --host NAME --address IP
        and for each user:                   virtd pki client NAME
        """);

    public static Task WriteServerAsync(TextWriter output, PkiFolder folder, string host) => output.WriteLineAsync(
        $$"""
        {{folder.File("servercert.pem")}}  the server's certificate
        {{folder.File("serverkey.pem")}}   its private key

        On the server they belong, with cacert.pem, to
          /etc/virt/pki/cacert.pem        or  /etc/pki/CA/cacert.pem
          /etc/virt/pki/servercert.pem    or  /etc/pki/libvirt/servercert.pem
          /etc/virt/pki/serverkey.pem     or  /etc/pki/libvirt/private/serverkey.pem
        and /etc/virt/virtd.json has  { "tls": { "enabled": true } }

        Then try, with a client's certificate (virtd pki client NAME):
          Connect-VirtHost qemu://{{host}}/system
        """);

    public static Task WriteClientAsync(TextWriter output, PkiFolder folder) => output.WriteLineAsync(
        $"""
        {folder.File("clientcert.pem")}  the client's certificate, {PkiListing.NameOf(folder.File("clientcert.pem"))}
        {folder.File("clientkey.pem")}   its private key

        On the client they belong, with cacert.pem, to
          ~/.config/virt/pki/             or  ~/.pki/libvirt/
        or for all its users to
          /etc/virt/pki/cacert.pem        or  /etc/pki/CA/cacert.pem
          /etc/virt/pki/clientcert.pem    or  /etc/pki/libvirt/clientcert.pem
          /etc/virt/pki/clientkey.pem     or  /etc/pki/libvirt/private/clientkey.pem

        Then try:
          Connect-VirtHost qemu://HOST/system
        or from this folder as it is:
          Connect-VirtHost 'qemu://HOST/system?pkipath={folder.Path}'
        """);
}
