using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Core.TestDriver;

public sealed class IdentityTests
{
    private static readonly Guid Other = new("99999999-2222-3333-4444-555555555555");

    [Theory]
    [InlineData(Condition.Off)]
    [InlineData(Condition.Running)]
    [InlineData(Condition.Transient)]
    public async Task A_name_or_uuid_that_belongs_to_another_is_operation_failed(Condition condition)
    {
        await using HostFixture host = await Conditions.HostAsync(condition);

        foreach (string xml in new[] { Conditions.Xml("taken-uuid"), Conditions.Xml(uuid: Other) })
        {
            VirtException error = await HostFixture.FailsAsync(
                VirtErrorCode.OperationFailed, host.Driver.DefineDomainAsync(xml, DefineOptions.None, HostFixture.Cancel));
            Assert.Contains("exists", error.Message, StringComparison.Ordinal);
            await HostFixture.FailsAsync(
                VirtErrorCode.OperationFailed, host.Driver.CreateDomainAsync(xml, StartOptions.None, HostFixture.Cancel));
        }

        Assert.Equal(string.Empty, host.Drain());
        Assert.Single(await host.Driver.ListDomainsAsync(DomainFilter.All, HostFixture.Cancel));
    }

    [Fact]
    public async Task A_definition_without_uuid_gets_one_and_keeps_it()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        const string Xml = "<domain type='test'><name>fresh</name><memory>1024</memory></domain>";

        DomainRecord defined = await host.Driver.DefineDomainAsync(Xml, DefineOptions.None, HostFixture.Cancel);

        Assert.NotEqual(Guid.Empty, defined.Uuid);
        Assert.Equal(defined, await host.Driver.GetDomainByUuidAsync(defined.Uuid, HostFixture.Cancel));
        Assert.Contains(
            defined.Uuid.ToString(), await host.Driver.GetDomainXmlAsync(defined.Uuid, XmlOptions.None, HostFixture.Cancel),
            StringComparison.Ordinal);
        await HostFixture.FailsAsync(VirtErrorCode.OperationFailed, host.Driver.DefineDomainAsync(Xml, DefineOptions.None, HostFixture.Cancel));
    }

    [Fact]
    public async Task Rename_moves_the_name_and_keeps_the_identity()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);

        DomainRecord renamed = await host.Driver.RenameDomainAsync(Conditions.Uuid, "new name", HostFixture.Cancel);

        Assert.Equal(("new name", Conditions.Uuid), (renamed.Name, renamed.Uuid));
        IReadOnlyList<DomainLifecycleEvent> events = await host.TakeAsync(2);
        Assert.Equal([Conditions.Name, "new name"], events.Select(happened => happened.Domain.Name));
        Assert.Equal(renamed, await host.FindAsync("new name"));
        Assert.Contains("<name>new name</name>", await XmlAsync(host), StringComparison.Ordinal);
        await HostFixture.FailsAsync(VirtErrorCode.NoDomain, host.Driver.GetDomainByNameAsync(Conditions.Name, HostFixture.Cancel));
        await host.Driver.DefineDomainAsync(Conditions.Xml(uuid: Other), DefineOptions.None, HostFixture.Cancel);
    }

    [Fact]
    public async Task Rename_to_a_taken_name_is_operation_invalid_and_to_its_own_is_nothing()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        await host.Driver.DefineDomainAsync(Conditions.Xml("taken", Other), DefineOptions.None, HostFixture.Cancel);
        host.Drain();

        await HostFixture.FailsAsync(VirtErrorCode.OperationInvalid, host.Driver.RenameDomainAsync(Conditions.Uuid, "taken", HostFixture.Cancel));
        await host.Driver.RenameDomainAsync(Conditions.Uuid, Conditions.Name, HostFixture.Cancel);

        Assert.Equal(string.Empty, host.Drain());
    }

    [Theory]
    [InlineData("", VirtErrorCode.NoName)]
    [InlineData("a/b", VirtErrorCode.InvalidArgument)]
    [InlineData("..", VirtErrorCode.InvalidArgument)]
    [InlineData("a\nb", VirtErrorCode.InvalidArgument)]
    [InlineData(" a", VirtErrorCode.InvalidArgument)]
    [InlineData("a\ufffe", VirtErrorCode.InvalidArgument)]
    public async Task Rename_to_what_is_no_name_is_refused(string name, VirtErrorCode code)
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        await HostFixture.FailsAsync(code, host.Driver.RenameDomainAsync(Conditions.Uuid, name, HostFixture.Cancel));
        Assert.Equal(Conditions.Name, (await host.FindAsync(Conditions.Name)).Name);
    }

    [Fact]
    public async Task Lookup_by_name_minds_case()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        await HostFixture.FailsAsync(VirtErrorCode.NoDomain, host.Driver.GetDomainByNameAsync("GUEST", HostFixture.Cancel));
        await host.Driver.DefineDomainAsync(Conditions.Xml("GUEST", Other), DefineOptions.None, HostFixture.Cancel);
        Assert.Equal(Other, await host.UuidAsync("GUEST"));
    }

    [Theory]
    [InlineData("<domain type='test'><name>x</name>", VirtErrorCode.XmlDetail)]
    [InlineData("<network/>", VirtErrorCode.XmlError)]
    [InlineData("<domain type='test'><memory>1</memory></domain>", VirtErrorCode.NoName)]
    [InlineData("<domain type='test'><name>a/b</name><memory>1</memory></domain>", VirtErrorCode.XmlError)]
    public async Task Bad_xml_changes_nothing(string xml, VirtErrorCode code)
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        await HostFixture.FailsAsync(code, host.Driver.DefineDomainAsync(xml, DefineOptions.None, HostFixture.Cancel));
        await HostFixture.FailsAsync(code, host.Driver.CreateDomainAsync(xml, StartOptions.None, HostFixture.Cancel));
        Assert.Equal(string.Empty, host.Drain());
    }

    [Fact]
    public async Task Validation_refuses_what_the_format_does_not_know()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        string xml = Conditions.Xml("strict", Other).Replace("<vcpu", "<vpcu/><vcpu", StringComparison.Ordinal);

        await HostFixture.FailsAsync(
            VirtErrorCode.XmlInvalidSchema, host.Driver.DefineDomainAsync(xml, DefineOptions.Validate, HostFixture.Cancel));
        await HostFixture.FailsAsync(
            VirtErrorCode.XmlInvalidSchema, host.Driver.CreateDomainAsync(xml, StartOptions.Validate, HostFixture.Cancel));
        await host.Driver.DefineDomainAsync(xml, DefineOptions.None, HostFixture.Cancel);
    }

    private static async Task<string> XmlAsync(HostFixture host) =>
        await host.Driver.GetDomainXmlAsync(Conditions.Uuid, XmlOptions.None, HostFixture.Cancel);
}
