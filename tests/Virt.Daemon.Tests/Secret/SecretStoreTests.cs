using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Virt.Daemon.Drivers.Secret;
using Virt.Errors;
using Virt.Secrets;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Secret;

/// <summary>What the daemon keeps of secrets, and where.</summary>
public sealed class SecretStoreTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private string Secrets => _folder.File("secrets");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_secret_and_its_value_are_there_again_and_only_their_owner_may_read_them()
    {
        SecretStore store = Open();
        SecretRecord record = store.Define(SecretDefinition.Parse("<secret><description>d</description><usage type='ceph'><name>c</name></usage></secret>"));
        store.SetValue(record.Uuid, "s3cret"u8.ToArray());

        Assert.Equal([$"{record.Uuid}.base64", $"{record.Uuid}.xml"], Directory.EnumerateFiles(Secrets).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.EnumerateFiles(Secrets), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        SecretStore again = Open();
        Assert.Equal(record with { HasValue = true }, Assert.Single(again.List()));
        Assert.Equal("s3cret", Encoding.UTF8.GetString(again.GetValue(record.Uuid).Span));
        Assert.Equal("s3cret", Encoding.UTF8.GetString(again.Use("ceph", "c")));
        again.Undefine(record.Uuid);
        Assert.Empty(Directory.EnumerateFiles(Secrets));
    }

    [Fact]
    public void An_ephemeral_secret_leaves_no_trace_also_when_it_becomes_so()
    {
        SecretStore store = Open();
        SecretRecord record = store.Define(SecretDefinition.Parse("<secret ephemeral='yes'><usage type='tls'><name>t</name></usage></secret>"));
        store.SetValue(record.Uuid, new byte[] { 1 });
        Assert.Empty(Directory.EnumerateFiles(Secrets));

        SecretDefinition kept = store.GetDefinition(record.Uuid) with { Ephemeral = false };
        store.Define(kept);
        Assert.Equal(2, Directory.EnumerateFiles(Secrets).Count());
        store.Define(kept with { Ephemeral = true });
        Assert.Empty(Directory.EnumerateFiles(Secrets));
        Assert.Equal([1], store.Use(record.Uuid));
    }

    [Fact]
    public void Torn_and_foreign_files_are_set_aside_and_harm_nothing()
    {
        Directory.CreateDirectory(Secrets);
        var uuid = Guid.NewGuid();
        File.WriteAllText(Path.Combine(Secrets, "x.xml"), "<secret>");
        File.WriteAllText(Path.Combine(Secrets, $"{uuid}.xml"), $"<secret><uuid>{uuid}</uuid></secret>");
        File.WriteAllText(Path.Combine(Secrets, $"{uuid}.base64"), "not base64!");
        File.WriteAllText(Path.Combine(Secrets, "y.tmp"), "");
        // A secret whose value is lost is still defined, and can be given one.
        Assert.Equal(uuid, Assert.Single(Open().List()).Uuid);
        Assert.Equal(2, Directory.EnumerateFiles(Secrets, "*.corrupt-*").Count());
        Assert.False(File.Exists(Path.Combine(Secrets, "y.tmp")));
    }

    private SecretStore Open() => new(Secrets, NullLogger.Instance);
}
