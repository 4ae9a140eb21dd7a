using System.CommandLine;
using System.Net;
using Virt.Daemon.Pki;
using Virt.Errors;

namespace Virt.Daemon.Hosting.Commands;

/// <summary><c>virtd pki</c>: the certificates of a small site.</summary>
internal static class PkiCommand
{
    private const int AuthorityDays = 3650;
    private const int PeerDays = 825;

    private static readonly Option<string?> Folder = new("--pki")
    {
        Description = "The authority's folder instead of virt/pki in the configuration folder.", HelpName = "DIR", Recursive = true,
    };

    private static readonly Option<string?> Out = new("--out") { Description = "Write the certificate and its key to this folder.", HelpName = "DIR" };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace files that are there." };

    public static Command Create(Func<ParseResult, VirtdOptions> options)
    {
        PkiFolder Authority(ParseResult result) => new(result.GetValue(Folder) ?? options(result).Directories.Pki);
        return new Command("pki", "Make certificates for TLS: an authority, servers and clients.")
        {
            Folder, Init(Authority), Server(Authority), Client(Authority), Show(Authority),
        };
    }

    private static Command Init(Func<ParseResult, PkiFolder> authority)
    {
        var name = new Option<string>("--name")
        {
            Description = "The authority's name.", HelpName = "NAME", DefaultValueFactory = _ => $"Virt authority of {Environment.MachineName}",
        };
        Option<int> days = Days(AuthorityDays);
        var init = new Command("init", "Make the authority that vouches for servers and clients.") { name, days, Force };
        init.SetAction((result, _) => CommandFault.ReportAsync(async () =>
        {
            PkiFolder folder = authority(result);
            folder.MustNotHave(result.GetValue(Force), "cacert.pem", "cakey.pem");
            IssuedCertificate made = SiteAuthority.Create(CommonName(result.GetValue(name)!), result.GetValue(days));
            folder.WriteKey("cakey.pem", made.Key);
            folder.WriteCertificate("cacert.pem", made.Certificate);
            await PkiAdvice.WriteAuthorityAsync(Console.Out, folder).ConfigureAwait(false);
            return 0;
        }));
        return init;
    }

    private static Command Server(Func<ParseResult, PkiFolder> authority)
    {
        var host = new Option<string[]>("--host") { Description = "A name by which clients connect; may be repeated.", HelpName = "NAME" };
        var address = new Option<string[]>("--address") { Description = "An address by which clients connect; may be repeated.", HelpName = "IP" };
        Option<int> days = Days(PeerDays);
        var server = new Command("server", "Make the certificate of a host that runs virtd.") { host, address, days, Out, Force };
        server.SetAction((result, _) => CommandFault.ReportAsync(async () =>
        {
            string[] hosts = [.. (result.GetValue(host) ?? []).Select(HostName)];
            IPAddress[] addresses = [.. (result.GetValue(address) ?? []).Select(Address)];
            if (hosts.Length + addresses.Length == 0)
            {
                throw new VirtException(
                    VirtErrorCode.InvalidArgument, "a server's certificate needs a name or address", null, "Give --host NAME or --address IP, as clients write it in their URIs.");
            }

            PkiFolder folder = authority(result), target = result.GetValue(Out) is { } named ? new(named) : folder;
            target.MustNotHave(result.GetValue(Force), "servercert.pem", "serverkey.pem");
            using SiteAuthority issuer = SiteAuthority.Load(folder.Authority, folder.AuthorityKey);
            IssuedCertificate made = issuer.IssueServer(hosts, addresses, result.GetValue(days));
            target.WriteKey("serverkey.pem", made.Key);
            target.WriteCertificate("servercert.pem", made.Certificate);
            if (target.Path != folder.Path)
                target.WriteCertificate("cacert.pem", issuer.Certificate);
            await PkiAdvice.WriteServerAsync(Console.Out, target, hosts.Length > 0 ? hosts[0] : UriHost(addresses[0])).ConfigureAwait(false);
            return 0;
        }));
        return server;
    }

    private static Command Client(Func<ParseResult, PkiFolder> authority)
    {
        var name = new Argument<string>("NAME") { Description = "Whose certificate it is." };
        var organization = new Option<string?>("--organization") { Description = "The organization in the client's distinguished name.", HelpName = "NAME" };
        Option<int> days = Days(PeerDays);
        var client = new Command("client", "Make the certificate of a user who connects to virtd.") { name, organization, days, Out, Force };
        client.SetAction((result, _) => CommandFault.ReportAsync(async () =>
        {
            string user = CommonName(result.GetValue(name)!);
            PkiFolder folder = authority(result);
            PkiFolder target = new(result.GetValue(Out) ?? folder.File(System.IO.Path.Combine("clients", FileName(user))));
            target.MustNotHave(result.GetValue(Force), "clientcert.pem", "clientkey.pem");
            using SiteAuthority issuer = SiteAuthority.Load(folder.Authority, folder.AuthorityKey);
            IssuedCertificate made = issuer.IssueClient(user, result.GetValue(organization), result.GetValue(days));
            target.WriteKey("clientkey.pem", made.Key);
            target.WriteCertificate("clientcert.pem", made.Certificate);
            if (target.Path != folder.Path)
                target.WriteCertificate("cacert.pem", issuer.Certificate);
            await PkiAdvice.WriteClientAsync(Console.Out, target).ConfigureAwait(false);
            return 0;
        }));
        return client;
    }

    private static Command Show(Func<ParseResult, PkiFolder> authority)
    {
        var show = new Command("show", "List the certificates in the authority's folder.");
        show.SetAction((result, _) => CommandFault.ReportAsync(async () =>
        {
            await PkiListing.WriteAsync(Console.Out, authority(result)).ConfigureAwait(false);
            return 0;
        }));
        return show;
    }

    private static Option<int> Days(int fallback)
    {
        var days = new Option<int>("--days") { Description = "How long the certificate is valid.", HelpName = "DAYS", DefaultValueFactory = _ => fallback };
        days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 36500)
                result.AddError("--days takes a number from 1 to 36500.");
        });
        return days;
    }

    /// <summary>A common name has at most 64 characters (RFC 5280, ub-common-name).</summary>
    private static string CommonName(string name) => name.Length is > 0 and <= 64 && !name.Any(char.IsControl)
        ? name
        : throw new VirtException(VirtErrorCode.InvalidArgument, $"'{name}' cannot be a certificate's name", name, "Use 1 to 64 characters.");

    private static string FileName(string name) =>
        name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '@' or '.') && name[0] != '.'
            ? name
            : throw new VirtException(VirtErrorCode.InvalidArgument, $"'{name}' cannot be a folder's name", name, "Name the folder with --out DIR.");

    private static string HostName(string name) => Uri.CheckHostName(name) == UriHostNameType.Dns && name.Length <= 64
        ? name
        : throw new VirtException(
            VirtErrorCode.InvalidArgument, $"'{name}' is not a host name", name, "Give the name as clients write it; an address goes with --address.");

    private static IPAddress Address(string text) => IPAddress.TryParse(text, out IPAddress? address)
        ? address
        : throw new VirtException(VirtErrorCode.InvalidArgument, $"'{text}' is not an IP address", text, "Give a name with --host.");

    private static string UriHost(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
}
