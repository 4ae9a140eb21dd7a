using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Virt.Daemon.Pki;
using Virt.Errors;
using Virt.Remote.Tls;
using Virt.Terminals;

namespace Virt.Daemon.Hosting.Commands;

/// <summary>Lists certificates.</summary>
internal static class PkiListing
{
    /// <summary>The distinguished name of a file's certificate.</summary>
    public static string NameOf(string path) => DistinguishedName.Format(PemFile.ReadCertificates(path)[0].SubjectName);

    public static async Task WriteAsync(TextWriter output, PkiFolder folder)
    {
        string[] files = Directory.Exists(folder.Path)
            ? [.. Directory.EnumerateFiles(folder.Path, "*cert.pem", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : [];
        if (files.Length == 0)
        {
            throw new VirtException(
                VirtErrorCode.OperationInvalid, $"there are no certificates below {folder.Path}", folder.Path, "Begin with `virtd pki init`.");
        }

        foreach (string file in files)
        {
            try
            {
                using X509Certificate2 certificate = PemFile.ReadCertificates(file)[0];
                await WriteAsync(output, file, certificate).ConfigureAwait(false);
            }
            catch (CertificateException e)
            {
                await output.WriteLineAsync($"{VisibleText.Line(file)}\n  {VisibleText.Line(e.Message)}").ConfigureAwait(false);
            }
        }
    }

    private static async Task WriteAsync(TextWriter output, string file, X509Certificate2 certificate)
    {
        string names = string.Join(", ", certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension =>
            extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()))));
        TimeSpan left = certificate.NotAfter.ToUniversalTime() - DateTime.UtcNow;
        string until = string.Create(CultureInfo.InvariantCulture, $"{certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}");
        await output.WriteLineAsync(VisibleText.Line(file)).ConfigureAwait(false);
        await output.WriteLineAsync($"  name    {VisibleText.Line(DistinguishedName.Format(certificate.SubjectName))}").ConfigureAwait(false);
        if (names.Length > 0)
            await output.WriteLineAsync($"  for     {VisibleText.Line(names)}").ConfigureAwait(false);
        await output.WriteLineAsync($"  issuer  {VisibleText.Line(DistinguishedName.Format(certificate.IssuerName))}").ConfigureAwait(false);
        await output.WriteLineAsync(left > TimeSpan.Zero
            ? string.Create(CultureInfo.InvariantCulture, $"  valid   until {until}, {left.TotalDays:0} days")
            : $"  valid   no: expired on {until}").ConfigureAwait(false);
        await output.WriteLineAsync($"  serial  {certificate.SerialNumber.ToLowerInvariant()}").ConfigureAwait(false);
    }
}
