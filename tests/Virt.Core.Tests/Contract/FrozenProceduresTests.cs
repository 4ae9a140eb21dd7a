using Virt.Rpc;

namespace Virt.Tests.Core.Contract;

/// <summary>Numbers, names and access classes that peers rely on. Lines are only ever added.</summary>
public class FrozenProceduresTests
{
    private const string Frozen = """
        1.1 001 ListAuthentication Handshake
        1.1 002 StartAuthentication Handshake
        1.1 003 StepAuthentication Handshake
        1.1 004 Open Handshake
        1.1 005 Close Handshake
        1.1 010 GetHost Read
        1.1 011 GetHostCapabilities Read
        1.1 012 GetDomainCapabilities Read
        1.1 020 ListDomains Read
        1.1 021 GetDomainByName Read
        1.1 022 GetDomainByUuid Read
        1.1 023 GetDomainById Read
        1.1 024 GetDomainXml Read
        1.1 025 GetDomainStatistics Read
        1.1 026 SubscribeDomainEvents Read
        1.1 027 ListDomainDevices Read
        1.1 028 GetLaunchCommand Define
        1.1 040 DefineDomain Define
        1.1 041 UndefineDomain Define
        1.1 042 ChangeDomain Define
        1.1 043 RenameDomain Define
        1.1 044 AttachDevice Define
        1.1 045 DetachDevice Define
        1.1 046 UpdateDevice Define
        1.1 047 ResizeDisk Define
        1.1 060 CreateDomain Control, Define
        1.1 061 StartDomain Control
        1.1 062 ShutdownDomain Control
        1.1 063 DestroyDomain Control
        1.1 064 RebootDomain Control
        1.1 065 ResetDomain Control
        1.1 066 SuspendDomain Control
        1.1 067 ResumeDomain Control
        1.1 068 SaveDomain Control
        1.1 069 RemoveSavedDomain Control
        1.1 090 OpenConsole Console
        1.1 200 ListNetworks Read
        1.1 300 ListStoragePools Read
        1.1 320 GetImage Storage
        1.1 321 CreateImage Storage
        1.1 322 DeleteImage Storage
        1.1 323 CreateCloudInitSeed Storage
        1.1 400 ListInterfaces Read
        1.1 500 ListNodeDevices Read
        1.1 600 ListSecrets Read
        1.1 601 DefineSecret Define
        1.1 602 UndefineSecret Define
        1.1 603 GetSecretXml Read
        1.1 604 SetSecretValue Secret
        1.1 605 GetSecretValue Secret
        1.1 700 ListNetworkFilters Read
        2.1 001 GetDaemon Admin
        2.1 002 ListClients Admin
        """;

    [Fact]
    public void Procedures_keep_number_name_and_access()
    {
        var now = Contracts.Procedures.Select(Line).Order(StringComparer.Ordinal);
        var frozen = Frozen.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
        Assert.Equal(frozen, now);
    }

    [Fact]
    public void The_numbers_of_access_classes_travel_and_never_change() => Assert.Equal(
        "Handshake=0 Read=1 Control=2 Define=4 Console=8 Agent=16 Storage=32 Secret=64 Admin=128 All=255",
        string.Join(' ', Enum.GetValues<Access>().Select(access => $"{access}={(int)access}")));

    [Theory]
    [InlineData("StartDomain", "domain", 0, true, null)]
    [InlineData("UndefineSecret", "secret", 0, true, null)]
    [InlineData("DeleteImage", "image", 0, false, null)]
    [InlineData("CreateImage", "image", 0, false, 0)]
    [InlineData("CreateCloudInitSeed", "image", 0, false, 0)]
    public void Procedures_know_which_argument_names_their_object(string name, string kind, int position, bool isUuid, int? field) =>
        Assert.Equal(new SubjectArgument(kind, position, isUuid, field), Contracts.Procedure(name).Subject);

    [Fact]
    public void Numbers_and_names_are_unique_within_a_program()
    {
        Assert.Equal(Contracts.Procedures.Count, Contracts.Procedures.Select(procedure => procedure.Id).Distinct().Count());
        Assert.Equal(Contracts.Procedures.Count, Contracts.Procedures.Select(procedure => (procedure.Id.Program, procedure.Name)).Distinct().Count());
    }

    [Fact]
    public void Only_the_handshake_is_open_to_strangers() =>
        Assert.All(Contracts.Procedures, procedure => Assert.Equal(procedure.Id.Number < 10 && procedure.Id.Program == 1, procedure.Access == Access.Handshake));

    private static string Line(Procedure procedure) =>
        $"{procedure.Id.Program}.{procedure.Id.Version} {procedure.Id.Number:D3} {procedure.Name} {procedure.Access}";
}
