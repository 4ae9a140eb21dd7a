using Virt.Errors;
using Virt.Secrets;

namespace Virt.Tests.Core.Secrets;

/// <summary>Secret XML and the rules among secrets, as libvirt has them.</summary>
public sealed class SecretCatalogTests
{
    private const string Volume = "<usage type='volume'><volume>/images/a</volume></usage>";
    private readonly SecretCatalog _catalog = new();

    [Theory]
    [InlineData("<secret/>", "none", null)]
    [InlineData("<secret><usage type='volume'><volume>/images/a b</volume></usage></secret>", "volume", "/images/a b")]
    [InlineData("<secret><usage type='ceph'><name>client.x</name></usage></secret>", "ceph", "client.x")]
    [InlineData("<secret><usage type='iscsi'><target>t</target></usage></secret>", "iscsi", "t")]
    [InlineData("<secret><usage type='tls'><name>&lt;&amp;</name></usage></secret>", "tls", "<&")]
    [InlineData("<secret><usage type='vtpm'><name>v</name></usage></secret>", "vtpm", "v")]
    public void A_definition_is_read_written_and_read_again(string xml, string type, string? id)
    {
        SecretDefinition read = SecretDefinition.Parse(xml);
        Assert.Equal((type, id, false, false), (read.UsageType, read.UsageId, read.Private, read.Ephemeral));
        Assert.Equal(read, SecretDefinition.Parse(read.ToXml()));
        SecretDefinition flagged = read with { Private = true, Ephemeral = true, Description = "a & b" };
        Assert.Equal(flagged, SecretDefinition.Parse(flagged.ToXml()));
    }

    [Theory]
    [InlineData("<domain/>", VirtErrorCode.XmlError)]
    [InlineData("<secret", VirtErrorCode.XmlDetail)]
    [InlineData("<secret><uuid>1</uuid></secret>", VirtErrorCode.XmlError)]
    [InlineData("<secret private='maybe'/>", VirtErrorCode.XmlError)]
    [InlineData("<secret><usage/></secret>", VirtErrorCode.XmlError)]
    [InlineData("<secret><usage type='disk'/></secret>", VirtErrorCode.ConfigurationUnsupported)]
    [InlineData("<secret><usage type='volume'/></secret>", VirtErrorCode.XmlError)]
    [InlineData("<secret><usage type='volume'><volume>a</volume></usage></secret>", VirtErrorCode.XmlError)]
    public void What_is_no_definition_is_refused(string xml, VirtErrorCode code) =>
        Assert.Equal(code, Assert.Throws<VirtException>(() => SecretDefinition.Parse(xml)).Code);

    [Fact]
    public void A_usage_has_one_secret_and_a_secret_one_usage()
    {
        SecretRecord first = Define($"<secret>{Volume}</secret>");
        Assert.Equal(VirtErrorCode.InternalError, Assert.Throws<VirtException>(() => Define($"<secret>{Volume}</secret>")).Code);
        Assert.Equal(VirtErrorCode.InternalError, Assert.Throws<VirtException>(() =>
            Define($"<secret><uuid>{first.Uuid}</uuid><usage type='tls'><name>x</name></usage></secret>")).Code);
        Assert.Equal("new", Define($"<secret><uuid>{first.Uuid}</uuid><description>new</description>{Volume}</secret>").Description);
        Define("<secret/>");
        Define("<secret/>");
        Assert.Equal(3, _catalog.List().Count);
    }

    [Fact]
    public void The_value_of_a_private_secret_serves_guests_and_is_told_to_nobody()
    {
        SecretRecord secret = Define($"<secret private='yes'>{Volume}</secret>");
        Assert.Equal(VirtErrorCode.NoSecret, Assert.ThrowsAny<VirtException>(() => _catalog.Use(secret.Uuid)).Code);
        _catalog.SetValue(secret.Uuid, new byte[] { 1, 2 });
        Assert.Equal(VirtErrorCode.InvalidSecret, Assert.Throws<VirtException>(() => _catalog.GetValue(secret.Uuid)).Code);
        Assert.Equal([1, 2], _catalog.Use("volume", "/images/a"));
        Assert.True(Assert.Single(_catalog.List()).HasValue);
        Assert.Throws<VirtException>(() => Define($"<secret><uuid>{secret.Uuid}</uuid>{Volume}</secret>"));
    }

    [Fact]
    public void What_is_not_there_is_said()
    {
        var none = Guid.NewGuid();
        Action[] calls =
        [
            () => _catalog.Undefine(none), () => _catalog.GetDefinition(none), () => _catalog.GetValue(none),
            () => _catalog.SetValue(none, new byte[] { 1 }), () => _catalog.Use("ceph", "x"),
        ];
        Assert.All(calls, call => Assert.Equal(VirtErrorCode.NoSecret, Assert.Throws<VirtNotFoundException>(call).Code));
        Assert.Equal(VirtErrorCode.NoSecret, Assert.Throws<VirtNotFoundException>(() => _catalog.GetValue(Define("<secret/>").Uuid)).Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(SecretCatalog.MaximumValue + 1)]
    public void A_value_has_a_sensible_length(int length)
    {
        Guid uuid = Define("<secret/>").Uuid;
        Assert.Equal(VirtErrorCode.InvalidArgument, Assert.Throws<VirtException>(() => _catalog.SetValue(uuid, new byte[length])).Code);
    }

    private SecretRecord Define(string xml) => _catalog.Define(SecretDefinition.Parse(xml));
}
