using System.Text;
using System.Text.Json;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Storage;
using Virt.Daemon.Hosting;
using Virt.Daemon.Rpc.Authentication;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Fuzz;

/// <summary>What the fuzzer has found, each as a case of its own.</summary>
public sealed class FindingTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("n,")]
    [InlineData("y,,")]
    [InlineData("n,,n=a\0b,r=x")]
    public async Task A_first_message_that_is_cut_short_is_refused_as_any_bad_one(string message)
    {
        var server = new ScramServer(new ScramUsers(_folder.File("users")));
        await Assert.ThrowsAsync<ScramException>(
            () => server.ChallengeAsync(Encoding.UTF8.GetBytes(message), TestContext.Current.CancellationToken).AsTask());
    }

    [Theory]
    [InlineData("99999999999")]
    [InlineData("1")]
    [InlineData("2147483647")]
    public async Task Iterations_that_no_client_takes_are_a_fault_of_the_file(string iterations)
    {
        string key = Convert.ToBase64String(new byte[32]);
        await File.WriteAllTextAsync(_folder.File("users"), $"{iterations}\tAAAA\t{key}\t{key}\tann\n", TestContext.Current.CancellationToken);
        var users = new ScramUsers(_folder.File("users"));
        VirtException fault = await Assert.ThrowsAsync<VirtException>(() => users.ListAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(VirtErrorCode.ConfigurationError, fault.Code);
        Assert.Contains("line 1", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "unix": null }""")]
    [InlineData("""{ "tcp": { "address": null } }""")]
    [InlineData("""{ "limits": { "authenticationSeconds": 2147483647 } }""")]
    [InlineData("""{ "keepalive": { "intervalSeconds": 2147483647 } }""")]
    public void A_configuration_with_nothing_or_too_much_is_a_fault_of_the_file(string text)
    {
        File.WriteAllText(_folder.File("virtd.json"), text);
        Assert.Equal(VirtErrorCode.ConfigurationError, Assert.Throws<VirtException>(() => DaemonConfig.Read(_folder.File("virtd.json"), mustExist: true)).Code);
    }

    [Fact]
    public void An_alias_of_nothing_is_a_fault_of_the_file()
    {
        File.WriteAllText(_folder.File("client.json"), """{ "aliases": { "lab": null } }""");
        VirtException fault = Assert.Throws<VirtException>(() => ClientConfig.Read(_folder.File("client.json")));
        Assert.Contains("'lab'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<address slot='1'/>", "the attribute type is missing")]
    [InlineData("<address type='usb' bus='0' port='1'/>", "'usb'")]
    [InlineData("<address type='pci'/><address type='pci'/>", "one address")]
    public void An_address_that_leads_to_nothing_is_refused(string address, string words)
    {
        string xml = $"<domain type='qemu'><name>a</name><memory>65536</memory><os><type machine='q35'>hvm</type></os><devices><rng model='virtio'><backend model='builtin'/>{address}</rng></devices></domain>";
        VirtException fault = Assert.Throws<VirtException>(() => GuestDefinition.Parse(DomainDefinition.Parse(xml), FrozenQemu.Capabilities));
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"return":"\ud800"}""")]
    [InlineData("""{"return":{"\uDC00":1}}""")]
    [InlineData("""{"event":"X","data":[["\ud800x"]]}""")]
    public void A_line_with_half_a_character_is_not_the_protocol(string line) =>
        Assert.Throws<JsonException>(() => QmpMessage.Parse(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void A_line_that_is_not_UTF8_is_not_the_protocol() =>
        Assert.Throws<JsonException>(() => QmpMessage.Parse([.. "{\"return\":\""u8, 0xff, .. "\"}"u8]));

    [Fact]
    public void A_line_with_whole_characters_is() =>
        Assert.Equal("🐧", QmpMessage.Parse("""{"return":{"a":"\ud83d\udc27"}}"""u8).Text("a"));

    [Fact]
    public void What_QEMU_answers_in_another_shape_is_not_there_or_the_documented_error()
    {
        foreach (string json in (string[])["null", "1", "\"x\"", "[]", "[1]", "{}", """{"a":null}""", """{"a":[]}""", """{"a":1e99}""", """{"a":-1}""", "true"])
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement answer = document.RootElement;
            Assert.Null(answer.FindText("a"));
            Assert.Empty(answer.Find("b")?.ItemsOrNone() ?? []);
            Assert.Throws<VirtException>(() => answer.Text("a", "query-x"));
            Assert.Throws<VirtException>(() => answer.Count("a", "query-x"));
            Assert.Throws<VirtException>(() => answer.Object("a", "query-x"));
            if (answer.ValueKind != JsonValueKind.Array)
                Assert.Equal(VirtErrorCode.OperationFailed, Assert.Throws<VirtException>(() => answer.Items("query-x")).Code);
        }
    }
}
