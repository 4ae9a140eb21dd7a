using Virt.Connections;
using Virt.Errors;

namespace Virt.Tests.Core.Connections;

public sealed class UriResolverTests
{
    private static readonly ClientConfig Config = new(
        "hail", new Dictionary<string, string> { ["hail"] = "qemu+tcp://hail/system", ["sleet"] = "qemu+tcp://sleet/system" });

    [Theory]
    [InlineData("test:///default", "qemu:///env", "test:///default")]
    [InlineData("sleet", "qemu:///env", "qemu+tcp://sleet/system")]
    [InlineData(null, "qemu:///env", "qemu:///env")]
    [InlineData("", "sleet", "qemu+tcp://sleet/system")]
    [InlineData(null, null, "qemu+tcp://hail/system")]
    public void Argument_then_variable_then_configuration(string? argument, string? variable, string expected) =>
        Assert.Equal(expected, UriResolver.Resolve(argument, variable, () => Config, () => "test:///probed").ToString());

    [Fact]
    public void The_probe_comes_last() =>
        Assert.Equal("test:///probed", UriResolver.Resolve(null, null, () => ClientConfig.Empty, () => "test:///probed").ToString());

    [Fact]
    public void A_whole_uri_reads_no_file() =>
        Assert.Equal("test:///default", UriResolver.Resolve("test:///default", null, () => throw new InvalidOperationException(), () => "").ToString());

    [Fact]
    public void An_unknown_alias_is_an_error()
    {
        VirtException error = Assert.Throws<VirtConnectionException>(() => UriResolver.Resolve("snow", null, () => Config, () => ""));

        Assert.Equal(VirtErrorCode.NoConnect, error.Code);
        Assert.Equal("snow", error.Target);
    }

    [Fact]
    public void The_configuration_takes_comments_and_refuses_what_it_does_not_know()
    {
        string folder = Directory.CreateTempSubdirectory("virt-config-").FullName;
        try
        {
            string path = Path.Combine(folder, "client.json");
            File.WriteAllText(path, "{ // mine\n \"defaultUri\": \"a\", \"aliases\": { \"a\": \"test:///default\", }, }");
            Assert.Equal("a", ClientConfig.Read(path).DefaultUri);

            File.WriteAllText(path, "{\n \"defaulturi\": \"a\" }");
            VirtException error = Assert.Throws<VirtException>(() => ClientConfig.Read(path));
            Assert.Equal(VirtErrorCode.ConfigurationError, error.Code);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);

            Assert.Equal(ClientConfig.Empty, ClientConfig.Read(Path.Combine(folder, "absent.json")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
